import type { Refusal } from '@ecolink/contracts';
import type { AccountBudget } from '../admission/account-budget.js';
import type { Target } from '../admission/resolve-target.js';
import type { RouterLimits } from '../config.js';
import type { Exchange } from '../listen/exchange.js';
import type { BodyLimits } from '../listen/read-body.js';
import type { RegionCandidate } from '../routing/choose-regions.js';
import type { RouterContext } from './router-context.js';

const NOTHING_LEFT: Refusal = {
  code: 'insufficient_balance',
  message: 'the account balance is used up: add credit to go on; a body of this length is not read before',
};

/** Counts a call as its account's until it is over. @returns why there may be no more, where there may not. */
export function enterCall(plane: RouterContext, exchange: Exchange, accountId: string): Refusal | undefined {
  return until(exchange, plane.calls.enter(accountId));
}

/** The limits of a call's body: an account that nothing could be served to sends a short one, or is told so before it is read. */
export function bodyLimitsOf({ limits }: RouterContext, account: AccountBudget): RouterLimits & BodyLimits {
  if (account.hasMoney) return limits;
  return { ...limits, bodyBytesMax: Math.min(limits.unpaidBodyBytesMax, limits.bodyBytesMax), tooLarge: NOTHING_LEFT };
}

/** Takes a slot of a platform model until the call is over. @returns why the account gets none, where it gets none. */
export function takeSlot(
  plane: RouterContext,
  exchange: Exchange,
  { target, accountId, candidates }: { target: Target; accountId: string; candidates: readonly RegionCandidate[] },
): Refusal | undefined {
  if (target.platformModelId === null) return undefined;
  const { callsPerPodMax, callsPerInstanceMax } = plane.limits;
  const regions = new Map(candidates.map(({ region, healthyPods }) => [region, healthyPods]));
  let slots = 0;
  for (const healthyPods of regions.values()) slots += Math.min(healthyPods * callsPerPodMax, callsPerInstanceMax);
  return until(exchange, plane.slots.take(target.instance.instance_id, accountId, slots));
}

/** A call of the account found no pod with room. */
export function noteWaited(plane: RouterContext, target: Target, accountId: string): void {
  if (target.platformModelId !== null) plane.slots.waited(target.instance.instance_id, accountId);
}

function until(exchange: Exchange, entered: (() => void) | Refusal): Refusal | undefined {
  if (typeof entered !== 'function') return entered;
  exchange.onOver(entered);
  return undefined;
}
