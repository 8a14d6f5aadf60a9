import { type Refusal, statusOf, type UsageOutcome } from '@ecolink/contracts';
import type { CutKind, UpstreamAnswer } from '../upstream/upstream.js';
import type { Share } from '@ecolink/proxy';
import type { Exchange } from '../listen/exchange.js';
import type { InferenceApi } from '../apis/api.js';
import type { InferenceBody } from '../apis/body/parse-inference-body.js';
import type { CallSettlement } from '../settlement/call-settlement.js';
import { endsFrame, frameData, SseFrameSplitter } from './metering/sse-frames.js';
import type { FrameKind } from './metering/read-frame.js';
import { StreamMeter } from './metering/stream-meter.js';
import type { MeteredUnits } from './metering/usage-reading.js';
import { readOnForUsage } from './read-on-for-usage.js';
import { relayedHeaders, type ServedBy } from './answer-head.js';
import { cutRefusal } from './cut-refusal.js';
import { PacedAnswer, type PacedSink } from './paced-answer.js';

export interface RelayStreamOptions {
  readonly api: InferenceApi;
  readonly body: InferenceBody;
  /** The client asked for usage frames; otherwise frames whose `choices` is empty are kept from it. */
  readonly clientWantsUsage: boolean;
  readonly heartbeatIntervalMs: number;
  /** How long a pod is waited for that has yet to report the usage of an answer whose client has left. */
  readonly leftUsageTimeoutMs: number;
  /** The account's part of the event loop. */
  readonly share: Share;
}

/** What a frame costs, in units of the event loop's shares; reading its text comes on top. */
const UNITS_PER_FRAME = 3;
/** Looking for the ends of lines costs the most where there is little else. */
const BYTES_PER_UNIT = 128;
/** So much is done before the share is asked again. */
const UNITS_AT_ONCE = 60;

const ERROR_STATUS_DEFAULT = 502;
/** A comment, which every SSE client skips. */
const HEARTBEAT = Buffer.from(': ping\n\n');

/**
 * Relays a server-sent event stream frame by frame in the tick it arrives, as long as its account has a part left of the
 * tick; what is beyond waits for a later one, and its pod with it. Resolves when the call is over.
 */
export function relayStream(
  exchange: Exchange,
  answer: UpstreamAnswer,
  servedBy: ServedBy,
  recorder: CallSettlement,
  options: RelayStreamOptions,
): Promise<void> {
  return new Promise((resolve) => {
    const relay = new StreamRelay(exchange, answer, servedBy, recorder, options, resolve);
    exchange.onClientGone(() => relay.onClientGone());
    relay.paced.begin();
  });
}

class StreamRelay implements PacedSink {
  readonly paced: PacedAnswer;
  private readonly splitter = new SseFrameSplitter();
  private readonly meter: StreamMeter;
  private firstOutputMs: number | null = null;
  private ended = false;
  private sawDone = false;
  /** Frames of this tick that go out together. */
  private outgoing: Buffer[] = [];
  /** False while a frame that is too large to hold is passed on in pieces. */
  private isBetweenFrames = true;
  private readonly heartbeat: NodeJS.Timeout;

  constructor(
    private readonly exchange: Exchange,
    private readonly answer: UpstreamAnswer,
    private readonly servedBy: ServedBy,
    private readonly recorder: CallSettlement,
    private readonly options: RelayStreamOptions,
    private readonly resolve: () => void,
  ) {
    this.meter = new StreamMeter(options.api.frames);
    this.heartbeat = setTimeout(() => this.beat(), options.heartbeatIntervalMs);
    this.paced = new PacedAnswer(answer, this, exchange.response, options.share);
  }

  onData(chunk: Buffer): boolean {
    this.splitter.feed(chunk);
    return this.onMore();
  }

  /** Frames of the last piece, until there are none or the tick has no more time for them. */
  onMore(): boolean {
    const { share } = this.options;
    let units = 1;
    for (let frame = this.splitter.next(); frame !== undefined; frame = this.splitter.next()) {
      this.onFrame(frame, this.meter.read(frame));
      if (this.ended) return true;
      units += UNITS_PER_FRAME + frame.length / BYTES_PER_UNIT;
      if (units < UNITS_AT_ONCE) continue;
      if (!share.spend(units)) {
        this.flush();
        return false;
      }
      units = 0;
    }
    share.spend(units);
    this.flush();
    return true;
  }

  onEnd(): void {
    if (this.ended) return;
    const rest = this.splitter.end();
    if (rest.length > 0) this.onFrame(rest, this.meter.read(rest));
    if (this.ended) return;
    // An upstream that closes in the middle of an answer is a cut one, however cleanly it closes.
    if (!this.sawDone && !this.meter.sawFinish) {
      this.onError('lost');
      return;
    }
    this.record('completed');
    this.finish();
  }

  onError(why: CutKind): void {
    if (this.ended) return;
    // Everything was delivered and recorded; only the upstream's goodbye went wrong.
    if (this.sawDone) this.finish();
    else this.failCut(cutRefusal(why));
  }

  onClientGone(): void {
    if (this.ended) return;
    this.stop();
    // The client has the whole answer: that its usage has yet to come makes it no cheaper.
    if (this.meter.sawFinish && !this.meter.isCounted) {
      void this.recordLeft();
      return;
    }
    this.answer.abort();
    this.record('client_aborted');
    this.resolve();
  }

  private async recordLeft(): Promise<void> {
    const { usage, uncounted, amount } = this.meter;
    await readOnForUsage(this.answer, this.splitter, this.meter, this.paced.unrelayed, this.options.leftUsageTimeoutMs);
    if (this.meter.isCounted) this.record('client_aborted');
    else
      this.recordUnits(
        'client_aborted',
        this.answer.status,
        this.options.api.unitsOf(this.options.body, { usage, uncounted, amount }),
      );
    this.resolve();
  }

  private onFrame(frame: Buffer, kind: FrameKind): void {
    switch (kind.kind) {
      case 'content':
        // A frame that only names the role is no output: some servers send it before they have looked at the prompt.
        if (this.meter.outputBytes > 0) this.firstOutputMs ??= this.exchange.elapsedMs();
        if (this.coverOutput()) this.outgoing.push(frame);
        return;
      case 'empty_choices':
        if (this.options.clientWantsUsage) this.outgoing.push(frame);
        return;
      case 'other':
        this.outgoing.push(frame);
        return;
      case 'error':
        this.answer.abort();
        this.failWithFrame(frame, kind.status);
        return;
      case 'failed':
        this.sawDone = true;
        this.record('upstream_error');
        this.outgoing.push(frame);
        return;
      case 'done':
        this.sawDone = true;
        // The last byte: the journal has the call before the client can know that it is over.
        this.record('completed');
        this.outgoing.push(frame);
    }
  }

  /** Output that the account cannot pay any more is not delivered: it ends the stream, and what was delivered is billed. */
  private coverOutput(): boolean {
    const refusal = this.recorder.coverOutput(this.meter.outputTokensMax);
    if (refusal === undefined) return true;
    this.answer.abort();
    this.flush();
    this.endWithErrorFrame('upstream_cut', this.options.api.errors.body(refusal));
    return false;
  }

  /** The upstream's own error. Before anything was sent it is still an HTTP error; afterwards it ends the stream. */
  private failWithFrame(frame: Buffer, status = ERROR_STATUS_DEFAULT): void {
    const error = this.options.api.errors.ofPod(frameData(frame) ?? '');
    this.flush();
    if (this.exchange.response.headersSent) this.endWithErrorFrame('upstream_error', error);
    else this.answerInstead('upstream_error', status, error);
  }

  private failCut(refusal: Refusal): void {
    const body = this.options.api.errors.body(refusal);
    this.flush();
    if (this.exchange.response.headersSent) this.endWithErrorFrame('upstream_cut', body);
    else this.answerInstead('upstream_cut', statusOf(refusal.code), body);
  }

  private endWithErrorFrame(outcome: UsageOutcome, error: string): void {
    this.record(outcome);
    this.outgoing.push(Buffer.from(this.options.api.errors.frame(error, this.meter.nextSequence)));
    this.finish();
  }

  /** Nothing of the stream has gone out: the client gets an HTTP error in its place. */
  private answerInstead(outcome: UsageOutcome, status: number, body: string): void {
    this.stop();
    this.record(outcome, status);
    this.exchange.sendJson(status, body, { 'x-should-retry': 'false' });
    this.resolve();
  }

  private record(outcome: UsageOutcome, status = this.answer.status): void {
    // A cut stream's last report may be older than its last token; an aborted one may have none. What was delivered counts.
    this.recordUnits(outcome, status, this.options.api.unitsOf(this.options.body, this.meter));
  }

  private recordUnits(outcome: UsageOutcome, status: number, metered: MeteredUnits): void {
    this.recorder.record({
      ...metered,
      outcome,
      status,
      region: this.servedBy.region,
      billable: outcome === 'completed' || outcome === 'client_aborted' || this.meter.outputBytes > 0 || this.meter.amount > 0,
      ttftMs: this.firstOutputMs,
    });
  }

  private flush(): void {
    const last = this.outgoing.at(-1);
    if (last === undefined) return;
    const bytes = this.outgoing.length === 1 ? last : Buffer.concat(this.outgoing);
    this.outgoing = [];
    this.isBetweenFrames = endsFrame(last);
    this.write(bytes);
  }

  private write(bytes: Buffer): void {
    const { response } = this.exchange;
    if (!response.headersSent) this.writeHead();
    if (!this.ended) this.heartbeat.refresh();
    // Slow clients hold their pod back; nothing piles up here.
    if (!response.write(bytes) && !this.ended) this.paced.waitForClient();
  }

  /** Silence is over for everybody on the way; from here on the head is out, and errors are the stream's. */
  private beat(): void {
    if (this.isBetweenFrames && !this.paced.waitsForClient) this.write(HEARTBEAT);
    else this.heartbeat.refresh();
  }

  private writeHead(): void {
    const headers = relayedHeaders(this.exchange, this.answer.plainHeaders, this.servedBy);
    headers.push('x-accel-buffering', 'no');
    this.exchange.response.writeHead(this.answer.status, headers);
  }

  private finish(): void {
    this.stop();
    this.flush();
    if (!this.exchange.response.headersSent) this.writeHead();
    this.exchange.response.end(() => this.resolve());
    this.exchange.response.once('close', () => this.resolve());
  }

  private stop(): void {
    this.ended = true;
    clearTimeout(this.heartbeat);
    this.paced.end();
  }
}
