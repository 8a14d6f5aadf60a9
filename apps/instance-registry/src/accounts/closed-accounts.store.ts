import { Database, Prisma } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { QuotasStore } from '../quotas/quotas.store.js';

/** What stands in place of an instance's name. */
const NAME_OF_DELETED = 'deleted';

@Injectable()
export class ClosedAccountsStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(QuotasStore) private readonly quotas: QuotasStore,
  ) {}

  /** Takes the lock of creations: every later one is refused, and every earlier one is seen by whoever ends instances afterwards. */
  async close(accountId: string, closedAt: Date): Promise<void> {
    await this.database.transaction(async (transaction) => {
      await this.quotas.lock(transaction, accountId);
      await transaction.closedAccount.createMany({ data: [{ accountId, closedAt }], skipDuplicates: true });
    });
  }

  /** Accounts of which something may be left, those that waited longest first. */
  async toErase(limit: number): Promise<readonly string[]> {
    const rows = await this.database.client.closedAccount.findMany({
      where: { erasedAt: null },
      orderBy: { closedAt: 'asc' },
      take: limit,
    });
    return rows.map(({ accountId }) => accountId);
  }

  /** Instances of the account that nobody has told to end yet. */
  async wantedInstances(accountId: string, limit: number): Promise<readonly number[]> {
    const rows = await this.database.client.instance.findMany({
      where: { accountId, desiredState: { not: 'terminated' } },
      select: { id: true },
      orderBy: { id: 'asc' },
      take: limit,
    });
    return rows.map(({ id }) => Number(id));
  }

  /** Deletes models; of instances that have ended, addresses and keys of servers, environments, arguments, names, revisions and what made them fail. */
  async erase(accountId: string, now: Date): Promise<void> {
    await this.database.transaction(async (transaction) => {
      await transaction.model.deleteMany({ where: { accountId } });
      const ofEnded = { accountId, state: 'terminated' } as const;
      await transaction.deploymentPod.deleteMany({ where: { deployment: { instance: ofEnded } } });
      await transaction.deploymentObservation.updateMany({ where: { instance: ofEnded }, data: { pods: [] } });
      await transaction.instanceHealth.deleteMany({ where: { instance: ofEnded } });
      await transaction.instanceRevision.deleteMany({ where: { instance: ofEnded } });
      await transaction.instanceEvent.updateMany({ where: { instance: ofEnded }, data: { reason: null } });
      await transaction.instance.updateMany({
        where: { ...ofEnded, name: { not: NAME_OF_DELETED } },
        data: {
          ...{ name: NAME_OF_DELETED, image: null, args: [], envEncrypted: null },
          ...{ statusReason: null, actionReason: null, failure: Prisma.DbNull },
        },
      });
      if ((await transaction.instance.count({ where: { accountId, state: { not: 'terminated' } } })) > 0) return;
      await transaction.closedAccount.updateMany({ where: { accountId, erasedAt: null }, data: { erasedAt: now } });
    });
  }
}
