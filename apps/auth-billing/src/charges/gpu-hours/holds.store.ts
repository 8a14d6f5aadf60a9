import { gpuPrices, holdStatus, priceTargetOfGpuType } from '@ecolink/contracts';
import type { Prisma } from '@ecolink/database';
import { type Database, type Transaction } from '@ecolink/database';
import { recordset } from '../../ledger/recordset.js';
import type { Hold } from './hold.js';

type Row = Prisma.InstanceHoldGetPayload<object>;

function toHold(row: Row): Hold {
  return { ...row, instanceId: Number(row.instanceId), status: holdStatus.parse(row.status) };
}

const byRun = (instanceId: number, run: number) => ({ instanceId_run: { instanceId: BigInt(instanceId), run } });

export async function findHold(transaction: Transaction, instanceId: number, run: number): Promise<Hold | undefined> {
  const row = await transaction.instanceHold.findUnique({ where: byRun(instanceId, run) });
  return row === null ? undefined : toHold(row);
}

/** The hold of an instance's newest run. */
export async function findNewestHold(transaction: Transaction, instanceId: number): Promise<Hold | undefined> {
  const row = await transaction.instanceHold.findFirst({ where: { instanceId: BigInt(instanceId) }, orderBy: { run: 'desc' } });
  return row === null ? undefined : toHold(row);
}

/** Writes a hold; its version grows with every change, and is that of the answer. */
export async function saveHold(transaction: Transaction, hold: Hold): Promise<Hold> {
  const { instanceId, run, version: _, ...data } = hold;
  const key = { instanceId: BigInt(instanceId), run };
  const row = await transaction.instanceHold.upsert({ where: byRun(instanceId, run), create: { ...key, ...data }, update: data });
  return toHold(row);
}

/** Runs whose cycle is over, and holds that no launch confirmed; the oldest first. */
export async function readDueHolds(
  database: Database,
  now: Date,
  unconfirmedSince: Date,
  limit: number,
): Promise<readonly { instanceId: number; run: number; accountId: string }[]> {
  const rows = await database.client.$queryRaw<{ instance_id: bigint; run: number; account_id: string }[]>`
    (SELECT instance_id, run, account_id FROM instance_holds WHERE status = 'held' AND cycle_ends_at <= ${now}::timestamptz
     ORDER BY cycle_ends_at LIMIT ${limit}::bigint)
    UNION ALL
    (SELECT instance_id, run, account_id FROM instance_holds WHERE status = 'pending' AND created_at <= ${unconfirmedSince}::timestamptz
     ORDER BY created_at LIMIT ${limit}::bigint)`;
  return rows.map((row) => ({ instanceId: Number(row.instance_id), run: row.run, accountId: row.account_id }));
}

/** Takes cumulative ready time, in milliseconds by region, which only grows; gives the sum over all regions. */
export async function meterReadyTime(
  transaction: Transaction,
  instanceId: number,
  readyMs: ReadonlyMap<string, bigint>,
): Promise<bigint> {
  const rows = recordset([...readyMs].map(([region, ms]) => ({ region, ready_ms: String(ms) })));
  await transaction.$executeRaw`
    INSERT INTO metered_deployments (instance_id, region, ready_ms)
    SELECT ${instanceId}::bigint, region, ready_ms FROM json_to_recordset(${rows}::json) AS each (region text, ready_ms bigint)
    ON CONFLICT (instance_id, region) DO UPDATE SET ready_ms = greatest(metered_deployments.ready_ms, excluded.ready_ms)`;
  return readReadyTime(transaction, instanceId);
}

/** Cumulative ready time of a deployment, in milliseconds. */
export interface DeploymentTime {
  readonly instanceId: number;
  readonly region: string;
  readonly readyMs: bigint;
}

/**
 * Takes ready time of many deployments, each named once. @returns newest runs that owe something for it: those whose hold does not stand
 * where their ready time says it should.
 */
export async function meterDeployments(
  database: Database,
  times: readonly DeploymentTime[],
): Promise<readonly { instanceId: number; run: number; accountId: string }[]> {
  const sorted = times.toSorted((a, b) => a.instanceId - b.instanceId || (a.region < b.region ? -1 : 1));
  const each = recordset(sorted.map(({ instanceId, region, readyMs }) => ({ instanceId, region, readyMs: String(readyMs) })));
  await database.client.$executeRaw`
    INSERT INTO metered_deployments (instance_id, region, ready_ms)
    SELECT "instanceId", region, "readyMs" FROM json_to_recordset(${each}::json) AS each ("instanceId" bigint, region text, "readyMs" bigint)
    ON CONFLICT (instance_id, region) DO UPDATE SET ready_ms = excluded.ready_ms WHERE metered_deployments.ready_ms < excluded.ready_ms`;
  const instanceIds = [...new Set(times.map(({ instanceId }) => BigInt(instanceId)))];
  const rows = await database.client.$queryRaw<{ instance_id: bigint; run: number; account_id: string }[]>`
    SELECT newest.instance_id, newest.run, newest.account_id
    FROM (
      SELECT DISTINCT ON (instance_id) * FROM instance_holds
      WHERE instance_id = ANY(${instanceIds}::bigint[]) ORDER BY instance_id, run DESC
    ) AS newest
    CROSS JOIN LATERAL (
      SELECT sum(ready_ms) AS ready_ms FROM metered_deployments WHERE metered_deployments.instance_id = newest.instance_id
    ) AS metered
    WHERE newest.hourly_rate_nano_usd * newest.gpu_count > 0 AND newest.status IN ('held', 'released')
      AND metered.ready_ms > newest.settled_ms`;
  return rows.map((row) => ({ instanceId: Number(row.instance_id), run: row.run, accountId: row.account_id }));
}

export async function readReadyTime(transaction: Transaction, instanceId: number): Promise<bigint> {
  const sum = await transaction.meteredDeployment.aggregate({
    where: { instanceId: BigInt(instanceId) },
    _sum: { readyMs: true },
  });
  return sum._sum.readyMs ?? 0n;
}

/** True when this version of the instance is newer than any metered before; remembers it. */
export async function isNewerVersion(transaction: Transaction, instanceId: number, version: number): Promise<boolean> {
  const changed = await transaction.$executeRaw`
    INSERT INTO metered_instances (instance_id, version) VALUES (${instanceId}::bigint, ${version}::integer)
    ON CONFLICT (instance_id) DO UPDATE SET version = excluded.version WHERE metered_instances.version < excluded.version`;
  return changed > 0;
}

/** Nano-USD for one GPU and hour, in force at a moment; the first one ever before that, and 0 for a type without a price. */
export async function readGpuRate(transaction: Transaction, gpuType: string, at: Date): Promise<bigint> {
  const target = priceTargetOfGpuType(gpuType);
  const inForce = { where: { target, effectiveFrom: { lte: at } }, orderBy: { version: 'desc' } } as const;
  const row =
    (await transaction.priceVersion.findFirst(inForce)) ??
    (await transaction.priceVersion.findFirst({ where: { target }, orderBy: { version: 'asc' } }));
  return row === null ? 0n : BigInt(gpuPrices.parse(row.prices).nano_usd_per_gpu_hour);
}
