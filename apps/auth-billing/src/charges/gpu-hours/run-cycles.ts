import type { AccountBalance } from '../../ledger/plan-transactions.js';
import type { Movement } from '../../ledger/posting.js';
import { cycleCost, nextHold, wholeHold } from './cycle.js';
import { type Hold, settleMovements, takeMovement } from './hold.js';

/** What a step of a run comes to: the run afterwards and the money that moves. */
export interface Step {
  readonly hold: Hold;
  readonly movements: readonly Movement[];
}

export interface CycleEnd {
  readonly balance: AccountBalance;
  /** Cumulative ready time of the instance as known now. */
  readonly readyMs: bigint;
  /** In force at the end of the cycle. */
  readonly hourlyRateNanoUsd: bigint;
  readonly periodMs: number;
}

/** Settles a cycle and begins the next at the moment it ended, however late that is done; without credit the run is over. */
export function renew(hold: Hold, { balance, readyMs, hourlyRateNanoUsd, periodMs }: CycleEnd): Step {
  const at = hold.cycleEndsAt;
  const settled = settle(hold, readyMs, at);
  const used = cycleCost(hold, readyMs - hold.settledMs);
  const availableNanoUsd = balance.availableNanoUsd + hold.holdNanoUsd - used;
  const capacity = { hourlyRateNanoUsd, gpuCount: hold.gpuCount };
  const next = nextHold(availableNanoUsd, wholeHold(capacity, hold.replicas, periodMs), periodMs);
  if (next.kind === 'none') return { ...settled, hold: { ...settled.hold, status: 'depleted' } };
  const renewed: Hold = {
    ...settled.hold,
    status: 'held',
    cycle: hold.cycle + 1,
    hourlyRateNanoUsd,
    holdNanoUsd: next.holdNanoUsd,
    partial: next.kind === 'partial',
    cycleStartedAt: at,
    cycleEndsAt: new Date(at.getTime() + next.periodMs),
  };
  return { hold: renewed, movements: [...settled.movements, ...takeMovement(renewed, at)] };
}

/** Ends a run: what it used is taken, the rest of its hold given back. */
export function settle(hold: Hold, readyMs: bigint, at: Date): Step {
  const used = cycleCost(hold, readyMs - hold.settledMs);
  return {
    hold: { ...hold, status: 'released', holdNanoUsd: 0n, settledMs: readyMs, accruedNanoUsd: 0n },
    movements: settleMovements(hold, used, at),
  };
}

/** Takes ready time that became known after a run was settled, as a cycle of its own. */
export function settleLate(hold: Hold, readyMs: bigint, at: Date): Step {
  return settle({ ...hold, cycle: hold.cycle + 1 }, readyMs, at);
}
