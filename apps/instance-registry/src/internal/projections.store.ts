import { Database, Prisma, type Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import type { StoredInstance } from '../instances/instance.js';
import { InstancesStore } from '../instances/instances.store.js';
import { platformModelRecordOf, storedPlatformModelOf } from '../platform-models/platform-models.store.js';
import { regionRecordOf, storedRegionOf } from '../regions/regions.store.js';
import { instanceRecordOf } from '../instances/instance-record.js';
import type { ProjectionQuery } from './projection-query.js';
import type { ProjectionPage } from '@ecolink/contracts';

const SNAPSHOT_TIMEOUT_MS = 30_000;

/**
 * Reads pages of state in one snapshot each, whose lowest open transaction is the cursor: whatever commits later is at or above it. Most
 * readers ask for what is new where nothing is, which one statement answers.
 */
@Injectable()
export class ProjectionsStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(InstancesStore) private readonly instances: InstancesStore,
  ) {}

  async instancesPage(query: ProjectionQuery): Promise<ProjectionPage> {
    return this.inSnapshot(query, Prisma.sql`SELECT FROM instances WHERE true`, async (transaction) => {
      const rows = await transaction.instance.findMany({
        where: { ...changedSince(query), ...(query.after === undefined ? {} : { id: { gt: BigInt(query.after) } }) },
        orderBy: { id: 'asc' },
        take: query.limit + 1,
        select: { id: true },
      });
      const records = await this.instances.findMany(
        rows.map((row) => Number(row.id)),
        transaction,
      );
      return records.map((instance) => ({ id: String(instance.id), item: instanceRecordOf(instance) }));
    });
  }

  async platformModelsPage(query: ProjectionQuery): Promise<ProjectionPage> {
    return this.inSnapshot(query, Prisma.sql`SELECT FROM platform_models WHERE true`, async (transaction) => {
      const where = { ...changedSince(query), ...(query.after === undefined ? {} : { id: { gt: query.after } }) };
      const rows = await transaction.platformModel.findMany({ where, orderBy: { id: 'asc' }, take: query.limit + 1 });
      return rows.map((row) => ({ id: row.id, item: platformModelRecordOf(storedPlatformModelOf(row)) }));
    });
  }

  async regionsPage(query: ProjectionQuery): Promise<ProjectionPage> {
    return this.inSnapshot(query, Prisma.sql`SELECT FROM regions WHERE true`, async (transaction) => {
      const where = { ...changedSince(query), ...(query.after === undefined ? {} : { code: { gt: query.after } }) };
      const rows = await transaction.region.findMany({ where, orderBy: { code: 'asc' }, take: query.limit + 1 });
      return rows.map((row) => ({ id: row.code, item: regionRecordOf(storedRegionOf(row, undefined)) }));
    });
  }

  /** What a gateway has to run or end. A full reading leaves out what was terminated before `terminatedSince`. */
  async deploymentsPage(
    region: string,
    query: ProjectionQuery,
    terminatedSince: Date,
    show: (transaction: Transaction, instances: readonly StoredInstance[]) => Promise<readonly { instance_id: number }[]>,
  ): Promise<ProjectionPage> {
    return this.inSnapshot(query, Prisma.sql`SELECT FROM deployments WHERE region = ${region}`, async (transaction) => {
      const current = { instance: { OR: [{ state: { not: 'terminated' } }, { stateSince: { gte: terminatedSince } }] } };
      const rows = await transaction.deployment.findMany({
        where: {
          region,
          ...(query.since === undefined ? current : changedSince(query)),
          ...(query.after === undefined ? {} : { instanceId: { gt: BigInt(query.after) } }),
        },
        orderBy: { instanceId: 'asc' },
        take: query.limit + 1,
        select: { instanceId: true },
      });
      const found = await this.instances.findMany(
        rows.map((row) => Number(row.instanceId)),
        transaction,
      );
      return (await show(transaction, found)).map((item) => ({ id: String(item.instance_id), item }));
    });
  }

  /** `rows`: what is read, to which a condition is added. */
  private async inSnapshot(
    query: ProjectionQuery,
    rows: Prisma.Sql,
    read: (transaction: Transaction) => Promise<readonly { id: string; item: unknown }[]>,
  ): Promise<ProjectionPage> {
    if (query.since !== undefined) {
      const [now] = await this.database.client.$queryRaw<{ cursor: string; changed: boolean }[]>`
        SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS cursor,
               EXISTS (${rows} AND changed_xid >= ${BigInt(query.since)}::bigint) AS changed`;
      if (now?.changed === false) return { items: [], cursor: now.cursor, next: null };
    }
    const options = { isolationLevel: Prisma.TransactionIsolationLevel.RepeatableRead, timeout: SNAPSHOT_TIMEOUT_MS };
    return this.database.client.$transaction(async (transaction) => {
      const [snapshot] = await transaction.$queryRaw<
        { cursor: string }[]
      >`SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS cursor`;
      const found = await read(transaction);
      const shown = found.slice(0, query.limit);
      return {
        items: shown.map((row) => row.item),
        cursor: snapshot?.cursor ?? '0',
        next: found.length > query.limit ? (shown.at(-1)?.id ?? null) : null,
      };
    }, options);
  }
}

function changedSince(query: ProjectionQuery): { changedXid?: { gte: bigint } } {
  return query.since === undefined ? {} : { changedXid: { gte: BigInt(query.since) } };
}
