import { errorBody, type Refusal, statusOf, type UsageOutcome } from '@ecolink/contracts';
import type { AnswerSink, CutKind, UpstreamAnswer } from '../forward/upstream.js';
import type { Exchange } from '../http/exchange.js';
import type { CallRecorder } from '../metering/call-recorder.js';
import { endsFrame, frameData, SseFrameSplitter } from '../metering/sse-frames.js';
import type { FrameKind } from '../metering/read-frame.js';
import { StreamMeter } from '../metering/stream-meter.js';
import { unitsOf } from '../metering/usage-reading.js';
import { relayedHeaders, type ServedBy } from './answer-head.js';
import { cutRefusal } from './cut-refusal.js';
import { podErrorText } from './pod-error.js';

export interface RelayStreamOptions {
  readonly promptBytes: number;
  /** The client asked for usage frames; otherwise frames whose `choices` is empty are kept from it. */
  readonly clientWantsUsage: boolean;
  readonly heartbeatIntervalMs: number;
}

const ERROR_STATUS_DEFAULT = 502;
/** A comment, which every SSE client skips. */
const HEARTBEAT = Buffer.from(': ping\n\n');

/** Relays a server-sent event stream frame by frame in the tick it arrives. Resolves when the call is over. */
export function relayStream(
  exchange: Exchange,
  answer: UpstreamAnswer,
  servedBy: ServedBy,
  recorder: CallRecorder,
  options: RelayStreamOptions,
): Promise<void> {
  return new Promise((resolve) => {
    const relay = new StreamRelay(exchange, answer, servedBy, recorder, options, resolve);
    exchange.onClientGone(() => relay.onClientGone());
    answer.consume(relay);
  });
}

class StreamRelay implements AnswerSink {
  private readonly splitter = new SseFrameSplitter();
  private readonly meter = new StreamMeter();
  private firstOutputMs: number | null = null;
  private ended = false;
  private sawDone = false;
  /** Frames of this tick that go out together. */
  private outgoing: Buffer[] = [];
  private waitsForClient = false;
  /** False while a frame that is too large to hold is passed on in pieces. */
  private isBetweenFrames = true;
  private readonly heartbeat: NodeJS.Timeout;

  constructor(
    private readonly exchange: Exchange,
    private readonly answer: UpstreamAnswer,
    private readonly servedBy: ServedBy,
    private readonly recorder: CallRecorder,
    private readonly options: RelayStreamOptions,
    private readonly resolve: () => void,
  ) {
    this.heartbeat = setTimeout(() => this.beat(), options.heartbeatIntervalMs);
  }

  onData(chunk: Buffer): void {
    for (const frame of this.splitter.push(chunk)) {
      if (this.ended) return;
      this.onFrame(frame, this.meter.read(frame));
    }
    this.flush();
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
    this.answer.abort();
    this.record('client_aborted');
    this.resolve();
  }

  private onFrame(frame: Buffer, kind: FrameKind): void {
    switch (kind.kind) {
      case 'content':
        // A frame that only names the role is no output: some servers send it before they have looked at the prompt.
        if (this.meter.outputBytes > 0) this.firstOutputMs ??= this.exchange.elapsedMs();
        this.outgoing.push(frame);
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
      case 'done':
        this.sawDone = true;
        // The last byte: the journal has the call before the client can know that it is over.
        this.record('completed');
        this.outgoing.push(frame);
    }
  }

  /** The upstream's own error. Before anything was sent it is still an HTTP error; afterwards it ends the stream. */
  private failWithFrame(frame: Buffer, status = ERROR_STATUS_DEFAULT): void {
    const error = podErrorText(frameData(frame) ?? '');
    this.flush();
    if (this.exchange.response.headersSent) this.endWithErrorFrame('upstream_error', error);
    else this.answerInstead('upstream_error', status, error);
  }

  private failCut(refusal: Refusal): void {
    const body = JSON.stringify(errorBody(refusal));
    this.flush();
    if (this.exchange.response.headersSent) this.endWithErrorFrame('upstream_cut', body);
    else this.answerInstead('upstream_cut', statusOf(refusal.code), body);
  }

  private endWithErrorFrame(outcome: UsageOutcome, error: string): void {
    this.record(outcome);
    // A frame of several data lines is one error text; as one line it is one frame again.
    this.outgoing.push(Buffer.from(`data: ${error.replaceAll('\n', ' ')}\n\n`));
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
    const { usage, outputBytes } = this.meter;
    this.recorder.record({
      // A cut stream's last report may be older than its last token; an aborted one has none. What was delivered counts.
      ...unitsOf(usage, this.options.promptBytes, outputBytes),
      outcome,
      status,
      region: this.servedBy.region,
      billable: outcome === 'completed' || outcome === 'client_aborted' || outputBytes > 0,
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
    if (response.write(bytes) || this.ended || this.waitsForClient) return;
    // Slow clients hold their pod back; nothing piles up here.
    this.waitsForClient = true;
    this.answer.pause();
    response.once('drain', () => {
      this.waitsForClient = false;
      this.answer.resume();
    });
  }

  /** Silence is over for everybody on the way; from here on the head is out, and errors are the stream's. */
  private beat(): void {
    if (this.isBetweenFrames && !this.waitsForClient) this.write(HEARTBEAT);
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
  }
}
