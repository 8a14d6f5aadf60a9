import type { BillingSummary } from '@ecolink/contracts';
import { type GpuSpend, unspentOf } from './gpu-spend.store.js';
import type { UsageTotals } from './usage-report.store.js';

const HOUR_MS = 60 * 60 * 1000;
/** Beyond it a date says nothing. */
const RUNS_OUT_MAX_MS = 10 * 365 * 24 * HOUR_MS;

export function hourAgo(now: Date): Date {
  return new Date(now.getTime() - HOUR_MS);
}

export interface Spending {
  readonly balanceNanoUsd: bigint;
  /** Calls since the first of the month. */
  readonly month: UsageTotals;
  /** Calls of the last hour. */
  readonly hourNanoUsd: bigint;
  readonly gpu: GpuSpend;
}

/** The cards of the billing page. */
export function billingSummaryOf(
  { balanceNanoUsd, month, hourNanoUsd, gpu }: Spending,
  now: Date,
): Omit<BillingSummary, 'time_zone'> {
  const heldNanoUsd = unspentOf(gpu.holds);
  const burnNanoUsd = hourNanoUsd + gpu.hourNanoUsd;
  return {
    balance_nano_usd: String(balanceNanoUsd),
    held_nano_usd: String(heldNanoUsd),
    holds: gpu.holds.map(({ instanceId, holdNanoUsd, usedNanoUsd }) => ({
      instance_id: instanceId,
      hold_nano_usd: String(holdNanoUsd),
      used_nano_usd: String(usedNanoUsd),
    })),
    month_cost_nano_usd: String(month.costNanoUsd + gpu.monthNanoUsd),
    month_calls: Number(month.calls),
    month_tokens: Number(month.tokens),
    burn_rate_nano_usd_per_hour: String(burnNanoUsd),
    // What is held is spent first, as the cycles go on.
    runs_out_at: runsOutAt(balanceNanoUsd + heldNanoUsd, burnNanoUsd, now)?.toISOString() ?? null,
  };
}

/** When the balance is used up at the last hour's rate; null where nothing is spent or it lasts longer than ten years. */
export function runsOutAt(balanceNanoUsd: bigint, perHourNanoUsd: bigint, now: Date): Date | null {
  if (perHourNanoUsd <= 0n) return null;
  if (balanceNanoUsd <= 0n) return now;
  const leftMs = (balanceNanoUsd * BigInt(HOUR_MS)) / perHourNanoUsd;
  return leftMs > BigInt(RUNS_OUT_MAX_MS) ? null : new Date(now.getTime() + Number(leftMs));
}
