import { type UsageOutcome } from '@ecolink/contracts';
import type { Share } from '@ecolink/proxy';
import type { UpstreamAnswer } from '../upstream/upstream.js';
import type { Exchange } from '../listen/exchange.js';
import type { CallSettlement } from '../settlement/call-settlement.js';
import { isEventStream, type ServedBy, verbatimHeaders } from './answer-head.js';
import { cutResponse } from './cut-response.js';
import { PacedAnswer, type PacedSink } from './paced-answer.js';

/** Statuses that have no body by definition. */
const BODILESS_STATUSES: ReadonlySet<number> = new Set([204, 304]);

/** What Node writes as a reason phrase; any other is left to it. */
const REASON_PATTERN = /^[\t\x20-\x7e]+$/;

/** Relays a custom instance's answer byte for byte, without holding it. Resolves when the call is over. */
export function relayVerbatim(
  exchange: Exchange,
  answer: UpstreamAnswer,
  servedBy: ServedBy,
  recorder: CallSettlement,
  share: Share,
): Promise<void> {
  return new Promise((resolve) => {
    const relay = new VerbatimRelay(exchange, answer, servedBy, recorder, share, resolve);
    exchange.onClientGone(() => relay.onClientGone());
    const headers = verbatimHeaders(exchange, answer.headers, servedBy);
    if (isEventStream(answer.header('content-type'))) headers.push('x-accel-buffering', 'no');
    if (REASON_PATTERN.test(answer.statusText)) exchange.response.writeHead(answer.status, answer.statusText, headers);
    else exchange.response.writeHead(answer.status, headers);
    relay.paced.begin();
    relay.sendHead();
  });
}

const NOTHING = Buffer.alloc(0);
const BYTES_PER_UNIT = 1_024;

class VerbatimRelay implements PacedSink {
  readonly paced: PacedAnswer;
  private ended = false;
  private relayedBytes = 0;
  /** Pieces that came together go out together: a pod that sends single bytes costs no write for each. */
  private outgoing: Buffer[] = [];
  private readonly announcedBytes: number | undefined;

  constructor(
    private readonly exchange: Exchange,
    private readonly answer: UpstreamAnswer,
    private readonly servedBy: ServedBy,
    private readonly recorder: CallSettlement,
    private readonly share: Share,
    private readonly resolve: () => void,
  ) {
    this.paced = new PacedAnswer(answer, this, exchange.response, share);
    const length = answer.header('content-length');
    const isBodiless = exchange.request.method === 'HEAD' || BODILESS_STATUSES.has(answer.status);
    this.announcedBytes = length === undefined || isBodiless ? undefined : Number(length);
  }

  /** A pod may take its time after its head; the client need not wait for that. Node’s `flushHeaders` would change its encoding. */
  sendHead(): void {
    if (!this.ended && this.relayedBytes === 0) this.exchange.response.write(NOTHING);
  }

  onData(chunk: Buffer): boolean {
    this.relayedBytes += chunk.length;
    // With an announced length this is the last byte, and the client's call is over when it arrives.
    if (this.relayedBytes === this.announcedBytes) this.record(this.outcome());
    if (this.outgoing.push(chunk) === 1) queueMicrotask(() => this.flush());
    this.share.spend(1 + chunk.length / BYTES_PER_UNIT);
    return true;
  }

  onMore(): boolean {
    return true;
  }

  onEnd(): void {
    if (this.ended) return;
    this.stop();
    this.record(this.outcome());
    this.exchange.response.end(() => this.resolve());
    this.exchange.response.once('close', () => this.resolve());
  }

  onError(): void {
    if (this.ended) return;
    this.stop();
    this.record('upstream_cut');
    cutResponse(this.exchange.response);
    this.resolve();
  }

  onClientGone(): void {
    if (this.ended) return;
    this.stop();
    this.answer.abort();
    this.record('client_aborted');
    this.resolve();
  }

  private flush(): void {
    const [first = NOTHING] = this.outgoing;
    if (first.length === 0) return;
    const bytes = this.outgoing.length === 1 ? first : Buffer.concat(this.outgoing);
    this.outgoing = [];
    if (!this.exchange.response.write(bytes)) this.paced.waitForClient();
  }

  private stop(): void {
    this.flush();
    this.ended = true;
    this.paced.end();
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
