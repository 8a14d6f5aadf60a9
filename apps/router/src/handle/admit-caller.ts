import { type Caller, readKey } from '../access/read-key.js';
import { ok, type Outcome, refused } from '../access/outcome.js';
import type { Exchange } from '../http/exchange.js';
import type { DataPlane } from './data-plane.js';

/** The first two steps of every call with a key: who is it, and is it within its rate. From here on answers carry the limits. */
export function admitCaller(plane: DataPlane, exchange: Exchange): Outcome<Caller> {
  const caller = readKey(plane.state, exchange.request, exchange.admittedAt);
  if (caller.kind === 'refused') return caller;
  const { key, account } = caller.value;
  const decision = plane.limiter.take(key.key_id, account.state.plan.requests_per_minute);
  exchange.setLimitHeaders(decision);
  if (decision.admitted) return ok(caller.value);
  return refused(
    'rate_limit_exceeded',
    `rate limit of ${decision.limit} requests per minute reached (plan ${account.state.plan.name})`,
    {
      retryAfterSeconds: decision.resetSeconds,
    },
  );
}
