import { formatUsd } from '../format-usd.js';
import type { NewNotification } from '../raise/notification.js';

const MINUTE_MS = 60_000;
/** Minutes that are left, each told once until the next top-up. */
const WARNING_MINUTES: readonly number[] = [60, 30, 20];
const CRITICAL_MINUTES: readonly number[] = [10, 5, 3, 1];
const THRESHOLDS: readonly number[] = [...CRITICAL_MINUTES].reverse().concat([...WARNING_MINUTES].reverse());

/** The lowest threshold that the time left has reached; undefined above all of them. */
export function thresholdOf(runsOutAt: Date | null, now: Date): number | undefined {
  if (runsOutAt === null) return undefined;
  const leftMs = runsOutAt.getTime() - now.getTime();
  return THRESHOLDS.find((minutes) => leftMs <= minutes * MINUTE_MS);
}

export interface BalanceReading {
  readonly accountId: string;
  readonly balanceNanoUsd: bigint;
  readonly perHourNanoUsd: bigint;
  readonly runsOutAt: Date;
}

export function balanceWarning(
  { accountId, balanceNanoUsd, perHourNanoUsd, runsOutAt }: BalanceReading,
  minutes: number,
): NewNotification {
  const isUsedUp = balanceNanoUsd <= 0n;
  const within = minutes === 1 ? 'within a minute' : `within ${minutes} minutes`;
  return {
    accountId,
    kind: 'balance_low',
    severity: CRITICAL_MINUTES.includes(minutes) ? 'critical' : 'warning',
    title: isUsedUp ? 'The balance is used up' : `The balance runs out ${within}`,
    text: isUsedUp
      ? `The balance is ${formatUsd(balanceNanoUsd)}: calls are refused until it is topped up.`
      : `${formatUsd(balanceNanoUsd)} are left, and the last hour cost ${formatUsd(perHourNanoUsd)}: the balance runs out at ${runsOutAt.toISOString()}. Top up to go on.`,
  };
}
