import { costOf, newId, type Refusal, type Units, type UsageOutcome, type UsageRecorded } from '@ecolink/contracts';
import { isoTime, type Logger } from '@ecolink/runtime';
import type { Caller } from '../admission/read-key.js';
import type { Target } from '../admission/resolve-target.js';
import type { CallFunds } from '../admission/reserve-payment.js';
import type { Exchange } from '../listen/exchange.js';
import type { JournalRecord } from './journal/journal-record.js';
import type { UsageJournal } from './journal/usage-journal.js';
import type { RouterMetrics } from '../observe/metrics.js';
import type { UsageJson } from './usage-json.js';

/** How a call ended, as far as money goes. */
export interface CallEnd {
  readonly outcome: UsageOutcome;
  /** What the client saw; 0 when it left before an answer began. */
  readonly status: number;
  readonly region: string | null;
  readonly units: Units;
  readonly estimated: boolean;
  /** The pod reported more cached tokens than input tokens; none was counted as cached. */
  readonly cachedAboveInput?: boolean;
  /** False for a call that failed before any output. */
  readonly billable: boolean;
  readonly ttftMs: number | null;
}

type CallRecord = JournalRecord<UsageRecorded>;

export interface CallRecorderParts {
  readonly journal: UsageJournal;
  readonly metrics: RouterMetrics;
  readonly logger: Logger;
  /** Writes the one line that each call leaves in the log, from JSON fields. */
  readonly logCall: (fieldsJson: string) => void;
  readonly usageJson: UsageJson;
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
export class CallSettlement {
  private recorded = false;
  private closed = false;
  private overheadMs: number | undefined;
  /** Where output was not covered any more: the most that is billed, since the rest was not delivered. */
  private outputTokensMax: number | undefined;

  constructor(
    private readonly parts: CallRecorderParts,
    private readonly exchange: Exchange,
    private readonly call: RecordedCall,
    private readonly funds: CallFunds,
  ) {}

  /** Reserves for the output so far. The refusal, where nothing covers it, ends the stream before what is not covered is delivered. */
  coverOutput(outputTokens: number): Refusal | undefined {
    const { cover } = this.funds;
    const refusal = cover.cover(outputTokens);
    if (refusal !== undefined) this.outputTokensMax = cover.coveredTokens;
    return refusal;
  }

  /** To be told when the call is sent on, and how long that took since it came. */
  sentOn(overheadMs: number): void {
    this.overheadMs = overheadMs;
  }

  record(end: CallEnd): void {
    const record = this.settle(end);
    if (record === undefined) return;
    try {
      this.parts.journal.append(record);
    } catch (error) {
      this.lost(record, error);
    }
  }

  /** As `record`, but the journal is written together with other calls' records; resolves when it is. */
  async recordGathered(end: CallEnd): Promise<void> {
    const record = this.settle(end);
    if (record === undefined) return;
    try {
      await this.parts.journal.appendGathered(record);
    } catch (error) {
      this.lost(record, error);
    }
  }

  private settle(metered: CallEnd): CallRecord | undefined {
    if (this.recorded) return undefined;
    this.recorded = true;
    const end = this.withinCover(metered);
    const costNanoUsd = end.billable ? costOf(end.units, this.call.target.prices) : 0n;
    const event = this.eventOf(end);
    const record = { event, costNanoUsd, eventJson: this.parts.usageJson.of(event) };
    this.funds.cover.reservation.settle(event.journal_position, costNanoUsd);
    this.funds.tokens?.settle((end.units.input_tokens ?? 0) + (end.units.output_tokens ?? 0));
    this.observe(record);
    return record;
  }

  private withinCover(end: CallEnd): CallEnd {
    const { outputTokensMax } = this;
    if (outputTokensMax === undefined || (end.units.output_tokens ?? 0) <= outputTokensMax) return end;
    return { ...end, units: { ...end.units, output_tokens: outputTokensMax } };
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.funds.cover.reservation.release();
    this.funds.tokens?.release();
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
      started_at: isoTime(this.exchange.admittedAt.getTime()),
      ended_at: isoTime(Date.now()),
      outcome: end.outcome,
      status: end.status,
      units: end.units,
      estimated: end.estimated,
      billable: end.billable,
      ttft_ms: end.ttftMs === null ? null : Math.round(end.ttftMs * 10) / 10,
      source_tag: this.call.caller.key.source_tag,
      request_id: this.exchange.requestId,
      ...(this.exchange.attempts === undefined ? {} : { attempts: this.exchange.attempts }),
      ...(end.cachedAboveInput === true ? { anomalies: ['cached_above_input'] } : {}),
    };
  }

  /** A disk that fails must not end the call, or the router: it is said loudly, and no new call is admitted for a moment. */
  private lost({ event: usage, costNanoUsd }: CallRecord, error: unknown): void {
    this.parts.metrics.observeLostRecord();
    this.parts.logger.error({ event: 'usage.not_recorded', err: error, usage, cost_nano_usd: costNanoUsd.toString() });
  }

  /** The line is the usage record, what it cost and how long it took: ids and numbers, and nothing that was said. */
  private observe({ event, costNanoUsd, eventJson }: CallRecord): void {
    const durationMs = Math.round(this.exchange.elapsedMs() * 10) / 10;
    this.parts.metrics.observeCall(event, durationMs, this.overheadMs);
    this.parts.logCall(`${eventJson.slice(1, -1)},"cost_nano_usd":"${costNanoUsd}","duration_ms":${durationMs}`);
  }
}
