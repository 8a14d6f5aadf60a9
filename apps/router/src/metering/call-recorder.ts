import { costOf, HEADER, newId, type NanoUsd, type Units, type UsageOutcome, type UsageRecorded } from '@ecolink/contracts';
import type { Logger } from '@ecolink/service-kit';
import type { Caller } from '../access/read-key.js';
import type { Target } from '../access/resolve-target.js';
import type { Reservation } from '../accounts/account-view.js';
import type { Exchange } from '../http/exchange.js';
import type { UsageJournal } from '../journal/usage-journal.js';
import type { RouterMetrics } from '../observe/metrics.js';

/** How a call ended, as far as money goes. */
export interface CallEnd {
  readonly outcome: UsageOutcome;
  /** What the client saw; 0 when it left before an answer began. */
  readonly status: number;
  readonly region: string | null;
  readonly units: Units;
  readonly estimated: boolean;
  /** False for a call that failed before any output. */
  readonly billable: boolean;
  readonly ttftMs: number | null;
}

export interface CallRecorderParts {
  readonly journal: UsageJournal;
  readonly metrics: RouterMetrics;
  readonly logger: Logger;
  /** `router/<id>` */
  readonly usageSource: string;
}

/** Whose call it is, to what, and by which endpoint. */
export interface RecordedCall {
  readonly caller: Caller;
  readonly target: Target;
  readonly endpoint: string;
}

/**
 * The end of one admitted call: journal first, then the account's view, then the reservation. `record` is called before
 * the last byte goes to the client and counts once; `close` gives everything back whatever happened.
 */
export class CallRecorder {
  private recorded = false;
  private closed = false;

  constructor(
    private readonly parts: CallRecorderParts,
    private readonly exchange: Exchange,
    private readonly call: RecordedCall,
    private readonly reservation: Reservation,
  ) {}

  record(end: CallEnd): void {
    if (this.recorded) return;
    this.recorded = true;
    const costNanoUsd = end.billable ? costOf(end.units, this.call.target.prices) : 0n;
    const event = this.eventOf(end);
    this.append(event, costNanoUsd);
    this.call.caller.account.addPending(event.journal_position, costNanoUsd);
    this.observe(event, costNanoUsd);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.reservation.release();
    this.parts.journal.releaseReservation();
  }

  private eventOf(end: CallEnd): UsageRecorded {
    const { instance, platformModelId, model } = this.call.target;
    return {
      event_id: newId('evt'),
      source: this.parts.usageSource,
      journal_position: this.parts.journal.nextPosition(),
      account_id: this.call.caller.key.account_id,
      key_id: this.call.caller.key.key_id,
      instance_id: platformModelId === null ? instance.instance_id : null,
      platform_model_id: platformModelId,
      model,
      endpoint: this.call.endpoint,
      region: end.region,
      started_at: this.exchange.admittedAt.toISOString(),
      ended_at: new Date().toISOString(),
      outcome: end.outcome,
      status: end.status,
      units: end.units,
      estimated: end.estimated,
      billable: end.billable,
      ttft_ms: end.ttftMs === null ? null : Math.round(end.ttftMs * 10) / 10,
      source_tag: this.call.caller.key.source_tag,
      request_id: String(this.exchange.headers[HEADER.requestId]),
    };
  }

  /** A disk that fails must not end the call, or the router: it is said loudly, and no new call is admitted for a moment. */
  private append(event: UsageRecorded, costNanoUsd: NanoUsd): void {
    try {
      this.parts.journal.append({ event, costNanoUsd });
    } catch (error) {
      this.parts.metrics.observeLostRecord();
      this.parts.logger.error({ event: 'usage.not_recorded', err: error, usage: event, cost_nano_usd: costNanoUsd.toString() });
    }
  }

  private observe(event: UsageRecorded, costNanoUsd: NanoUsd): void {
    const durationMs = Math.round(this.exchange.elapsedMs() * 10) / 10;
    this.parts.metrics.observeCall(event, durationMs);
    this.parts.logger.info({
      event: 'call.ended',
      request_id: event.request_id,
      account_id: event.account_id,
      key_id: event.key_id,
      instance_id: event.instance_id,
      platform_model_id: event.platform_model_id,
      endpoint: event.endpoint,
      region: event.region,
      status: event.status,
      outcome: event.outcome,
      units: event.units,
      estimated: event.estimated,
      cost_nano_usd: costNanoUsd.toString(),
      ttft_ms: event.ttft_ms,
      duration_ms: durationMs,
    });
  }
}
