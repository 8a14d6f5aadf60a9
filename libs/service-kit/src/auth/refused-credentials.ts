import { ApiError } from '@ecolink/contracts';
import { createLogger } from '@ecolink/runtime';
import { Counter, register } from 'prom-client';
import { WindowCounter } from './window-counter.js';

export type CredentialKind = 'operator_token' | 'password';

const METRIC = 'ecolink_refused_credentials_total';
const REFUSED_PER_MINUTE_MAX = 20;
const MINUTE_MS = 60_000;
const NETWORKS_MAX = 10_000;

/** One counter for all services of a process. */
function counterOf(): Counter {
  const known = register.getSingleMetric(METRIC);
  if (known instanceof Counter) return known;
  return new Counter({ name: METRIC, help: 'Wrong operator tokens and passwords', labelNames: ['kind'] });
}

/**
 * Wrong credentials of one kind: each is counted, and logged with its network. Beyond 20 a minute from one network they are
 * answered 429 and no longer logged one by one. The right credential always passes, so that a flood locks no one out.
 */
export class RefusedCredentials {
  private readonly logger = createLogger('auth');
  private readonly byNetwork = new WindowCounter({
    limit: REFUSED_PER_MINUTE_MAX,
    windowMs: MINUTE_MS,
    keysMax: NETWORKS_MAX,
  });

  constructor(private readonly kind: CredentialKind) {}

  /** Takes note of a wrong credential. Throws 429 once there are too many. */
  note(network: string, nowMs: number): void {
    counterOf().inc({ kind: this.kind });
    const wait = this.byNetwork.secondsToWait(network, nowMs);
    this.byNetwork.add(network, nowMs);
    if (wait !== undefined) throw tooMany(wait);
    this.logger.warn({ event: 'credentials.refused', kind: this.kind, network });
  }
}

export function tooMany(retryAfterSeconds: number): ApiError {
  return new ApiError('rate_limit_exceeded', `too many attempts: try again in ${retryAfterSeconds} s`, { retryAfterSeconds });
}
