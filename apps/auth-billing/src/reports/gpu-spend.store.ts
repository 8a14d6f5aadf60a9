import type { PrismaClient } from '@ecolink/database';

export interface HoldUse {
  readonly instanceId: number;
  readonly holdNanoUsd: bigint;
  /** Of the running cycle, at most the hold. */
  readonly usedNanoUsd: bigint;
}

export interface GpuSpend {
  /** Set aside: one for each cycle that runs or is about to. */
  readonly holds: readonly HoldUse[];
  /** Settled since the month began. */
  readonly monthNanoUsd: bigint;
  /** What the running instances cost an hour with every replica ready. */
  readonly hourNanoUsd: bigint;
}

/** Set aside and not used by the running cycles. */
export function unspentOf(holds: readonly HoldUse[]): bigint {
  return holds.reduce((sum, { holdNanoUsd, usedNanoUsd }) => sum + holdNanoUsd - usedNanoUsd, 0n);
}

export async function readGpuSpend(client: PrismaClient, accountId: string, monthStart: Date): Promise<GpuSpend> {
  const [[row], holds] = await Promise.all([
    client.$queryRaw<{ month: string; hour: string }[]>`
      SELECT
        (SELECT coalesce(-sum(amount_nano_usd), 0)::text FROM ledger_transactions
         WHERE account_id = ${accountId} AND type <> 'api_usage' AND type = 'gpu_usage' AND created_at >= ${monthStart}::timestamptz) AS month,
        (SELECT coalesce(sum(hourly_rate_nano_usd * gpu_count * replicas), 0)::text FROM instance_holds
         WHERE account_id = ${accountId} AND status = 'held') AS hour`,
    readHolds(client, accountId),
  ]);
  return { holds, monthNanoUsd: BigInt(row?.month ?? '0'), hourNanoUsd: BigInt(row?.hour ?? '0') };
}

/** As many as the account has instances that run, which its plan bounds. */
async function readHolds(client: PrismaClient, accountId: string): Promise<HoldUse[]> {
  const rows = await client.$queryRaw<{ instance_id: string; hold: string; used: string }[]>`
    SELECT instance_id::text, hold_nano_usd::text AS hold, least(accrued_nano_usd, hold_nano_usd)::text AS used
    FROM instance_holds WHERE account_id = ${accountId} AND status IN ('pending', 'held') ORDER BY instance_id DESC, run`;
  return rows.map(({ instance_id: id, hold, used }) => ({
    instanceId: Number(id),
    holdNanoUsd: BigInt(hold),
    usedNanoUsd: BigInt(used),
  }));
}
