import { cycleCost } from './cycle.js';
import type { DecidedStep } from './change-hold.js';
import type { Hold } from './hold.js';

const MS_PER_SECOND = 1_000;

/** What a run's hold is used for, as known now; nothing where that is told already. */
export function accrue(hold: Hold, readyMs: bigint, replicas: number): DecidedStep | undefined {
  const after: Hold = {
    ...hold,
    status: 'held',
    replicas: replicas > 0 ? replicas : hold.replicas,
    accruedNanoUsd: cycleCost(hold, readyMs - hold.settledMs),
  };
  const isSame = hold.status === 'held' && after.replicas === hold.replicas && after.accruedNanoUsd === hold.accruedNanoUsd;
  return isSame ? undefined : { hold: after, movements: [], before: hold };
}

/** Cumulative, in whole milliseconds. */
export function wholeMs(readySeconds: number): bigint {
  return BigInt(Math.floor(readySeconds * MS_PER_SECOND));
}
