import type { IncomingMessage } from 'node:http';
import { type Refusal, statusOf } from '@ecolink/contracts';
import type { FairTurns, Share } from '@ecolink/proxy';
import type { Logger } from '@ecolink/runtime';
import type { RouterLimits } from '../config.js';
import type { Upstreams } from '../upstream/upstream.js';
import type { BodyBudget } from '../listen/body-budget.js';
import type { VideoJobs } from '../apis/video/video-jobs.js';
import type { Exchange, HeaderValues } from '../listen/exchange.js';
import type { RefusalLog } from '../settlement/refusal-log.js';
import type { UsageJournal } from '../settlement/journal/usage-journal.js';
import type { AccountCalls } from '../admission/account-calls.js';
import type { ConcurrencyLimiter } from '../admission/concurrency-limiter.js';
import type { TokenLimiter } from '../admission/token-limiter.js';
import type { SlidingWindowLimiter } from '../admission/sliding-window.js';
import type { UsageJson } from '../settlement/usage-json.js';
import type { RouterMetrics } from '../observe/metrics.js';
import type { CandidatePicker } from '../routing/candidates.js';
import type { LargeBodies } from '../apis/body/large-bodies.js';
import type { PlatformSlots } from '../routing/platform-slots.js';
import type { RouterState } from '../state/router-state.js';

/** What the handlers of the request path work with. */
export interface RouterContext {
  readonly state: RouterState;
  readonly limiter: SlidingWindowLimiter;
  readonly concurrency: ConcurrencyLimiter;
  readonly tokens: TokenLimiter;
  readonly candidates: CandidatePicker;
  readonly upstreams: Upstreams;
  readonly journal: UsageJournal;
  readonly refusals: RefusalLog;
  readonly bodies: BodyBudget;
  /** Calls that accounts have open, and the slots of platform models that they hold. */
  readonly calls: AccountCalls;
  readonly slots: PlatformSlots;
  readonly largeBodies: LargeBodies;
  readonly videos: VideoJobs;
  /** The accounts' parts of the event loop. */
  readonly turns: FairTurns;
  readonly metrics: RouterMetrics;
  /** For Prometheus: of this router, or of all workers that share its port. */
  readonly metricsText: () => Promise<string>;
  readonly logger: Logger;
  readonly logCall: (fieldsJson: string) => void;
  readonly limits: RouterLimits;
  /** Where a call comes from, seen through the operator's proxies. */
  readonly addressOf: (request: IncomingMessage) => string;
  readonly internalSecret: string;
  readonly usageJson: UsageJson;
  /** `router/<id>`: the source of this router's usage events. */
  readonly usageSource: string;
}

/** Ends a call with a refusal, counted by its code. */
export function refuse(plane: RouterContext, exchange: Exchange, refusal: Refusal, extraHeaders: HeaderValues = {}): void {
  plane.metrics.observeRefusal(refusal.code);
  noteRefusal(plane, exchange, refusal);
  exchange.refuse(refusal, extraHeaders);
}

/** Calls whose key is unknown are nobody's, and stand in no log of an account. */
function noteRefusal(plane: RouterContext, exchange: Exchange, refusal: Refusal): void {
  const { key } = exchange;
  if (key === undefined || exchange.clientGone) return;
  plane.refusals.note({
    accountId: key.account_id,
    keyId: key.key_id,
    sourceTag: key.source_tag,
    requestId: exchange.requestId,
    model: exchange.model ?? null,
    endpoint: exchange.endpoint,
    status: statusOf(refusal.code),
    code: refusal.code,
    admittedAtMs: exchange.admittedAt.getTime(),
    durationMs: exchange.elapsedMs(),
    attempts: exchange.attempts ?? [],
  });
}

/** Ends a call whose body was not read to its end: nobody waits for the rest of it. */
export function refuseBody(plane: RouterContext, exchange: Exchange, refusal: Refusal): void {
  refuse(plane, exchange, refusal, { connection: 'close' });
}

/** On refusals after which the official clients must not try again: a pod may have done the work already. */
export function retryHint(refusal: Refusal): HeaderValues {
  return refusal.code === 'upstream_error' || refusal.code === 'upstream_timeout' ? { 'x-should-retry': 'false' } : {};
}

/** The part of the event loop that a call's account has, until the call is over. */
export function shareOf(plane: RouterContext, exchange: Exchange, accountId: string): Share {
  const share = plane.turns.enter(accountId);
  exchange.onOver(() => share.leave());
  return share;
}
