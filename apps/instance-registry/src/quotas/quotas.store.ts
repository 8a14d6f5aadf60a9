import type { Transaction } from '@ecolink/database';
import { Injectable } from '@nestjs/common';

/** Counts what an account has, in the transaction that is about to add to it. */
@Injectable()
export class QuotasStore {
  /** One creation of an account at a time, so that two together do not pass one free place. */
  async lock(transaction: Transaction, accountId: string): Promise<void> {
    await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`account_quota:${accountId}`}, 0))`;
  }

  /** Whether the account is deleted. Under the lock it stays as it is. */
  async isClosed(transaction: Transaction, accountId: string): Promise<boolean> {
    return (await transaction.closedAccount.count({ where: { accountId } })) > 0;
  }

  async models(transaction: Transaction, accountId: string): Promise<number> {
    return transaction.model.count({ where: { accountId } });
  }

  /** Stopped instances count, since they may be started; terminated ones do not. */
  async instances(transaction: Transaction, accountId: string): Promise<number> {
    return transaction.instance.count({ where: { accountId, state: { not: 'terminated' } } });
  }

  /** Pods of all instances but `exceptInstanceId`: those that are named, and those that are to run. */
  async pods(transaction: Transaction, accountId: string, exceptInstanceId: number | undefined): Promise<number> {
    const [row] = await transaction.$queryRaw<{ pods: number }[]>`
      SELECT coalesce(sum(deployments.replicas), 0)::integer AS pods
      FROM deployments JOIN instances ON instances.id = deployments.instance_id
      WHERE instances.account_id = ${accountId} AND instances.state <> 'terminated'
        AND instances.id <> ${BigInt(exceptInstanceId ?? 0)}`;
    return row?.pods ?? 0;
  }
}
