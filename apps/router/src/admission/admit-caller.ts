import { type KeyState, PLAYGROUND_SOURCE_TAG } from '@ecolink/contracts';
import { type Caller, readKey } from './read-key.js';
import { ok, type Outcome, refused } from '../call/outcome.js';
import type { Credential } from '../apis/api.js';
import type { Exchange } from '../listen/exchange.js';
import type { RouterContext } from '../call/router-context.js';

const SLOT_RETRY_SECONDS = 1;

/**
 * The first two steps of every call with a key: who is it, and is it within its rate and its calls at once. From here on
 * answers carry the limits. A call that is refused for calls at once counts as a request.
 */
export function admitCaller(plane: RouterContext, exchange: Exchange, credential: Credential = 'bearer'): Outcome<Caller> {
  const caller = readKey(plane.state, exchange.request, exchange.admittedAt, plane.addressOf, credential);
  if (caller.kind === 'refused') {
    exchange.key = caller.key;
    return caller;
  }
  const { key, account } = caller.value;
  exchange.key = key;
  const { plan } = account.state;
  const decision = plane.limiter.take(rateSubject(key), plan.requests_per_minute);
  exchange.setLimitHeaders(decision);
  if (!decision.admitted) {
    return refused('rate_limit_exceeded', `rate limit of ${decision.limit} requests per minute reached (plan ${plan.name})`, {
      retryAfterSeconds: decision.resetSeconds,
    });
  }
  return plan.concurrent_requests === null || takeSlot(plane, exchange, key.account_id, plan.concurrent_requests)
    ? ok(caller.value)
    : refused(
        'rate_limit_exceeded',
        `limit of ${plan.concurrent_requests} calls at once reached (plan ${plan.name}): try again when one has ended`,
        { retryAfterSeconds: SLOT_RETRY_SECONDS },
      );
}

/** The tokens that a user's playground is given share one rate: each lives for minutes, and there is always a new one. */
function rateSubject(key: KeyState): string {
  return key.source_tag === PLAYGROUND_SOURCE_TAG && key.created_by !== undefined ? `playground:${key.created_by}` : key.key_id;
}

/** A slot is the connection's: it is free again when the answer is out or the client is gone. */
function takeSlot(plane: RouterContext, exchange: Exchange, accountId: string, limit: number): boolean {
  const release = plane.concurrency.take(accountId, limit);
  if (release !== undefined) exchange.onOver(release);
  return release !== undefined;
}
