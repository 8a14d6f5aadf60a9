import type { BillingSummary } from '@ecolink/contracts';
import type { UsageTotals } from './usage-report.store.js';

const HOUR_MS = 60 * 60 * 1000;
/** Beyond it a date says nothing. */
const RUNS_OUT_MAX_MS = 10 * 365 * 24 * HOUR_MS;

export function monthStart(now: Date): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
}

export function hourAgo(now: Date): Date {
  return new Date(now.getTime() - HOUR_MS);
}

/** The cards of the billing page. `month` and `hour` are what was used since the first of the month and in the last hour. */
export function billingSummaryOf(balanceNanoUsd: bigint, month: UsageTotals, hour: UsageTotals, now: Date): BillingSummary {
  return {
    balance_nano_usd: String(balanceNanoUsd),
    held_nano_usd: '0',
    month_cost_nano_usd: String(month.costNanoUsd),
    month_calls: Number(month.calls),
    month_tokens: Number(month.tokens),
    burn_rate_nano_usd_per_hour: String(hour.costNanoUsd),
    runs_out_at: runsOutAt(balanceNanoUsd, hour.costNanoUsd, now)?.toISOString() ?? null,
  };
}

/** When the balance is used up at the last hour's rate; null where nothing is spent or it lasts longer than ten years. */
export function runsOutAt(balanceNanoUsd: bigint, perHourNanoUsd: bigint, now: Date): Date | null {
  if (perHourNanoUsd <= 0n) return null;
  if (balanceNanoUsd <= 0n) return now;
  const leftMs = (balanceNanoUsd * BigInt(HOUR_MS)) / perHourNanoUsd;
  return leftMs > BigInt(RUNS_OUT_MAX_MS) ? null : new Date(now.getTime() + Number(leftMs));
}
