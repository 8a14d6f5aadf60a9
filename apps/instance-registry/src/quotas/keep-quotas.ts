import { ApiError } from '@ecolink/contracts';
import type { Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import type { Quotas } from './quotas.js';
import { QuotasStore } from './quotas.store.js';

/** Refuses what would exceed a plan's quota, inside the creating transaction. */
@Injectable()
export class KeepQuotas {
  constructor(@Inject(QuotasStore) private readonly store: QuotasStore) {}

  async model(transaction: Transaction, accountId: string, quotas: Quotas): Promise<void> {
    await this.lock(transaction, accountId);
    refuseAbove(quotas.models, (await this.store.models(transaction, accountId)) + 1, 'models');
  }

  async instance(transaction: Transaction, accountId: string, podsAdded: number, quotas: Quotas): Promise<void> {
    await this.lock(transaction, accountId);
    refuseAbove(quotas.instances, (await this.store.instances(transaction, accountId)) + 1, 'instances');
    refuseAbove(quotas.pods, (await this.store.pods(transaction, accountId, undefined)) + podsAdded, 'pods');
  }

  /** The pods of an instance become so many. */
  async pods(transaction: Transaction, accountId: string, instanceId: number, podsThen: number, quotas: Quotas): Promise<void> {
    await this.lock(transaction, accountId);
    refuseAbove(quotas.pods, (await this.store.pods(transaction, accountId, instanceId)) + podsThen, 'pods');
  }

  /** A caller that was let in just before its account was deleted makes nothing any more. */
  private async lock(transaction: Transaction, accountId: string): Promise<void> {
    await this.store.lock(transaction, accountId);
    if (await this.store.isClosed(transaction, accountId)) throw new ApiError('account_suspended', 'the account is deleted');
  }
}

function refuseAbove(max: number, wanted: number, what: string): void {
  if (wanted > max) throw new ApiError('quota_reached', `the account's plan allows ${max} ${what}; this would be ${wanted}`);
}
