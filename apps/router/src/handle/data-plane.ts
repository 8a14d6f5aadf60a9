import type { Refusal } from '@ecolink/contracts';
import type { Logger } from '@ecolink/service-kit';
import type { RouterLimits } from '../config.js';
import type { Upstreams } from '../forward/upstream.js';
import type { BodyBudget } from '../http/body-budget.js';
import type { Exchange, HeaderValues } from '../http/exchange.js';
import type { UsageJournal } from '../journal/usage-journal.js';
import type { SlidingWindowLimiter } from '../limits/sliding-window.js';
import type { UsageJson } from '../metering/usage-json.js';
import type { RouterMetrics } from '../observe/metrics.js';
import type { CandidatePicker } from '../routing/candidates.js';
import type { RouterState } from '../state/router-state.js';

/** What the handlers of the request path work with. */
export interface DataPlane {
  readonly state: RouterState;
  readonly limiter: SlidingWindowLimiter;
  readonly candidates: CandidatePicker;
  readonly upstreams: Upstreams;
  readonly journal: UsageJournal;
  readonly bodies: BodyBudget;
  readonly metrics: RouterMetrics;
  /** For Prometheus: of this router, or of all workers that share its port. */
  readonly metricsText: () => Promise<string>;
  readonly logger: Logger;
  readonly logCall: (fieldsJson: string) => void;
  readonly limits: RouterLimits;
  readonly internalSecret: string;
  readonly usageJson: UsageJson;
  /** `router/<id>`: the source of this router's usage events. */
  readonly usageSource: string;
}

/** Ends a call with a refusal, counted by its code. */
export function refuse(plane: DataPlane, exchange: Exchange, refusal: Refusal, extraHeaders: HeaderValues = {}): void {
  plane.metrics.observeRefusal(refusal.code);
  exchange.refuse(refusal, extraHeaders);
}

/** Ends a call whose body was not read to its end: nobody waits for the rest of it. */
export function refuseBody(plane: DataPlane, exchange: Exchange, refusal: Refusal): void {
  refuse(plane, exchange, refusal, { connection: 'close' });
}

/** On refusals after which the official clients must not try again: a pod may have done the work already. */
export function retryHint(refusal: Refusal): HeaderValues {
  return refusal.code === 'upstream_error' || refusal.code === 'upstream_timeout' ? { 'x-should-retry': 'false' } : {};
}
