import { errorBody, type Refusal, type UsageOutcome } from '@ecolink/contracts';
import type { AnswerSink, UpstreamAnswer } from '../forward/upstream.js';
import type { Exchange } from '../http/exchange.js';
import type { CallRecorder } from '../metering/call-recorder.js';
import { frameData, SseFrameSplitter } from '../metering/sse-frames.js';
import { type FrameKind, StreamMeter } from '../metering/stream-meter.js';
import { unitsOf } from '../metering/usage-reading.js';
import { relayedHeaders, type ServedBy } from './answer-head.js';

export interface RelayStreamOptions {
  readonly promptBytes: number;
  /** The client asked for usage frames; otherwise frames whose `choices` is empty are kept from it. */
  readonly clientWantsUsage: boolean;
}

const CUT: Refusal = { code: 'upstream_error', message: 'the stream of the model server was cut off' };
const ERROR_STATUS_DEFAULT = 502;

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

  constructor(
    private readonly exchange: Exchange,
    private readonly answer: UpstreamAnswer,
    private readonly servedBy: ServedBy,
    private readonly recorder: CallRecorder,
    private readonly options: RelayStreamOptions,
    private readonly resolve: () => void,
  ) {}

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
      this.onError();
      return;
    }
    this.record('completed');
    this.finish();
  }

  onError(): void {
    if (this.ended) return;
    // Everything was delivered and recorded; only the upstream's goodbye went wrong.
    if (this.sawDone) this.finish();
    else this.fail('upstream_cut', Buffer.from(`data: ${JSON.stringify(errorBody(CUT))}\n\n`), CUT);
  }

  onClientGone(): void {
    if (this.ended) return;
    this.ended = true;
    this.answer.abort();
    this.record('client_aborted');
    this.resolve();
  }

  private onFrame(frame: Buffer, kind: FrameKind): void {
    switch (kind.kind) {
      case 'content':
        this.firstOutputMs ??= this.exchange.elapsedMs();
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
  private failWithFrame(frame: Buffer, status: number | undefined): void {
    const text = frameData(frame) ?? '';
    const shaped = text.includes('"error"')
      ? text
      : JSON.stringify(errorBody({ code: 'upstream_error', message: 'the model server reported an error' }));
    this.flush();
    if (!this.exchange.response.headersSent) {
      this.record('upstream_error', status ?? ERROR_STATUS_DEFAULT);
      this.ended = true;
      this.exchange.sendJson(status ?? ERROR_STATUS_DEFAULT, shaped, { 'x-should-retry': 'false' });
      this.resolve();
      return;
    }
    this.fail('upstream_error', Buffer.from(`data: ${shaped}\n\n`), CUT);
  }

  private fail(outcome: UsageOutcome, errorFrame: Buffer, refusal: Refusal): void {
    this.flush();
    if (!this.exchange.response.headersSent) {
      this.record(outcome, ERROR_STATUS_DEFAULT);
      this.ended = true;
      this.exchange.refuse(refusal, { 'x-should-retry': 'false' });
      this.resolve();
      return;
    }
    this.record(outcome);
    this.outgoing.push(errorFrame);
    this.finish();
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
    if (this.outgoing.length === 0) return;
    const { response } = this.exchange;
    if (!response.headersSent) this.writeHead();
    const [only] = this.outgoing;
    const bytes = this.outgoing.length === 1 && only !== undefined ? only : Buffer.concat(this.outgoing);
    this.outgoing = [];
    if (response.write(bytes) || this.ended) return;
    this.answer.pause();
    response.once('drain', () => this.answer.resume());
  }

  private writeHead(): void {
    const headers = relayedHeaders(this.exchange, this.answer.headers, this.servedBy, ['content-length', 'x-accel-buffering']);
    this.exchange.response.writeHead(this.answer.status, [...headers, 'x-accel-buffering', 'no']);
  }

  private finish(): void {
    this.ended = true;
    this.flush();
    if (!this.exchange.response.headersSent) this.writeHead();
    this.exchange.response.end(() => this.resolve());
    this.exchange.response.once('close', () => this.resolve());
  }
}
