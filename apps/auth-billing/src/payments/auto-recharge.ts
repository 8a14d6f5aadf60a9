import { nanoUsdToUsdLiteral } from '@ecolink/contracts';
import { appendEvents, Database } from '@ecolink/database';
import { createLogger } from '@ecolink/runtime';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type Clock, CLOCK, PAYMENT_PROVIDER } from '../injection.js';
import { lockBalances } from '../ledger/ledger.store.js';
import { notificationEvent } from '../notification-event.js';
import type { PaymentProvider } from './payment-provider.js';
import { newTopUp } from './payments.service.js';
import { type AutoRechargeRow, findCard, noteCharge, openRecharge, readDueRecharges } from './payments.store.js';
import { settlePaid, settleUnpaid } from './settle-payment.js';

const INTERVAL_MS = 2_000;
const DUE_MAX = 100;
const BACK_OFF_FIRST_MS = 60 * 60_000;
const BACK_OFF_MAX_MS = 24 * 60 * 60_000;
const EXPONENT_MAX = 10;

/**
 * Charges saved cards of accounts whose balance is low. One charge of an account is under way at a time: what a process that
 * died has begun is asked for again under the same id, and counts once.
 */
@Injectable()
export class AutoRecharge implements OnModuleInit, OnModuleDestroy {
  private readonly logger = createLogger('auth-billing');
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(PAYMENT_PROVIDER) private readonly configured: { readonly provider: PaymentProvider | undefined },
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => this.look(), INTERVAL_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  async rechargeDue(): Promise<void> {
    const { provider } = this.configured;
    if (provider === undefined) return;
    for (const due of await readDueRecharges(this.database, this.clock(), DUE_MAX)) await this.recharge(provider, due);
  }

  private look(): void {
    this.running ??= this.rechargeDue()
      .catch((error: unknown) => this.logger.warn({ event: 'recharge.failed', err: error }))
      .finally(() => (this.running = undefined));
  }

  private async recharge(provider: PaymentProvider, due: AutoRechargeRow): Promise<void> {
    const { accountId, amountNanoUsd } = due;
    const now = this.clock();
    const card = await findCard(this.database.client, accountId, provider.name);
    if ((card?.paymentMethod ?? null) === null || card === undefined) return;
    const draft = newTopUp({ accountId, kind: 'auto_recharge', provider: provider.name, amountNanoUsd, now });
    const opened = await this.database.transaction(async (transaction) => {
      const balance = (await lockBalances(transaction, [accountId])).get(accountId);
      const isStillLow = balance !== undefined && balance.availableNanoUsd < due.thresholdNanoUsd;
      return isStillLow ? openRecharge(transaction, draft) : undefined;
    });
    if (opened === undefined) return;
    const order = { topUpId: opened.id, accountId, amountNanoUsd: opened.amountNanoUsd, customerId: card.customerId };
    const charge = await provider.charge(order, card);
    await this.database.transaction(async (transaction) => {
      if (charge.kind === 'paid') {
        await settlePaid(transaction, opened.id, charge, now);
        await noteCharge(transaction, accountId, { failures: 0, nextTryAt: now });
        return;
      }
      await settleUnpaid(transaction, opened.id, { status: 'failed', reason: charge.reason }, now);
      await noteCharge(transaction, accountId, { failures: due.failures + 1, nextTryAt: nextTry(due.failures, now) });
      await appendEvents(transaction, [declinedNotice(due, opened.id, charge.reason, now)]);
    });
  }
}

function nextTry(failuresBefore: number, now: Date): Date {
  const waitMs = Math.min(BACK_OFF_FIRST_MS * 2 ** Math.min(failuresBefore, EXPONENT_MAX), BACK_OFF_MAX_MS);
  return new Date(now.getTime() + waitMs);
}

function declinedNotice({ accountId, amountNanoUsd }: AutoRechargeRow, topUpId: string, reason: string, now: Date) {
  return notificationEvent(
    {
      account_id: accountId,
      kind: 'auto_recharge_failed',
      severity: 'critical',
      once_key: `recharge/${topUpId}`,
      title: 'The automatic recharge failed',
      text: `$${nanoUsdToUsdLiteral(amountNanoUsd)} could not be charged: ${reason}`,
    },
    now,
  );
}
