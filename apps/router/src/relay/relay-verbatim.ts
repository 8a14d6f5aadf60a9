import { type UsageOutcome } from '@ecolink/contracts';
import type { AnswerSink, UpstreamAnswer } from '../forward/upstream.js';
import type { Exchange } from '../http/exchange.js';
import type { CallRecorder } from '../metering/call-recorder.js';
import { verbatimHeaders, type ServedBy } from './answer-head.js';
import { cutResponse } from './cut-response.js';

/** Statuses that have no body by definition. */
const BODILESS_STATUSES: ReadonlySet<number> = new Set([204, 304]);

/** What Node writes as a reason phrase; any other is left to it. */
const REASON_PATTERN = /^[\t\x20-\x7e]+$/;

/** Relays a custom instance's answer byte for byte, without holding it. Resolves when the call is over. */
export function relayVerbatim(
  exchange: Exchange,
  answer: UpstreamAnswer,
  servedBy: ServedBy,
  recorder: CallRecorder,
): Promise<void> {
  return new Promise((resolve) => {
    const relay = new VerbatimRelay(exchange, answer, servedBy, recorder, resolve);
    exchange.onClientGone(() => relay.onClientGone());
    const headers = verbatimHeaders(exchange, answer.headers, servedBy);
    if (REASON_PATTERN.test(answer.statusText)) exchange.response.writeHead(answer.status, answer.statusText, headers);
    else exchange.response.writeHead(answer.status, headers);
    answer.consume(relay);
    relay.sendHead();
  });
}

const NOTHING = Buffer.alloc(0);

class VerbatimRelay implements AnswerSink {
  private ended = false;
  private relayedBytes = 0;
  private waitsForClient = false;
  private readonly announcedBytes: number | undefined;

  constructor(
    private readonly exchange: Exchange,
    private readonly answer: UpstreamAnswer,
    private readonly servedBy: ServedBy,
    private readonly recorder: CallRecorder,
    private readonly resolve: () => void,
  ) {
    const length = answer.header('content-length');
    const isBodiless = exchange.request.method === 'HEAD' || BODILESS_STATUSES.has(answer.status);
    this.announcedBytes = length === undefined || isBodiless ? undefined : Number(length);
  }

  /** A pod may take its time after its head; the client need not wait for that. Node’s `flushHeaders` would change its encoding. */
  sendHead(): void {
    if (!this.ended && this.relayedBytes === 0) this.exchange.response.write(NOTHING);
  }

  onData(chunk: Buffer): void {
    const { response } = this.exchange;
    this.relayedBytes += chunk.length;
    // With an announced length this is the last byte, and the client's call is over when it arrives.
    if (this.relayedBytes === this.announcedBytes) this.record(this.outcome());
    if (response.write(chunk) || this.waitsForClient) return;
    this.waitsForClient = true;
    this.answer.pause();
    response.once('drain', () => {
      this.waitsForClient = false;
      this.answer.resume();
    });
  }

  onEnd(): void {
    if (this.ended) return;
    this.ended = true;
    this.record(this.outcome());
    this.exchange.response.end(() => this.resolve());
    this.exchange.response.once('close', () => this.resolve());
  }

  onError(): void {
    if (this.ended) return;
    this.ended = true;
    this.record('upstream_cut');
    cutResponse(this.exchange.response);
    this.resolve();
  }

  onClientGone(): void {
    if (this.ended) return;
    this.ended = true;
    this.answer.abort();
    this.record('client_aborted');
    this.resolve();
  }

  private outcome(): UsageOutcome {
    return this.answer.status >= 400 ? 'upstream_error' : 'completed';
  }

  private record(outcome: UsageOutcome): void {
    this.recorder.record({
      outcome,
      status: this.answer.status,
      region: this.servedBy.region,
      units: { requests: 1 },
      estimated: false,
      billable: this.answer.status < 400 && (outcome !== 'upstream_cut' || this.relayedBytes > 0),
      ttftMs: this.exchange.elapsedMs(),
    });
  }
}
