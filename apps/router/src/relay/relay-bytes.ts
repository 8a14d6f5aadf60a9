import type { UsageOutcome } from '@ecolink/contracts';
import { NOTHING_READ } from '../apis/api.js';
import type { CutKind, AnswerSink, UpstreamAnswer } from '../upstream/upstream.js';
import type { Exchange } from '../listen/exchange.js';
import type { CallSettlement } from '../settlement/call-settlement.js';
import { relayedHeaders, type ServedBy } from './answer-head.js';
import { cutRefusal } from './cut-refusal.js';
import { cutResponse } from './cut-response.js';
import type { Metered } from './relay-whole.js';

/** Kept of an answer's beginning: the header of its container. */
const HEAD_BYTES = 4_096;

/** Relays an answer that is neither text nor JSON as it comes, and meters it by its header and its length. */
export function relayBytes(
  exchange: Exchange,
  answer: UpstreamAnswer,
  servedBy: ServedBy,
  recorder: CallSettlement,
  metered: Metered,
): Promise<void> {
  return new Promise((resolve) => {
    const relay = new BytesRelay(exchange, answer, servedBy, recorder, metered, resolve);
    exchange.onClientGone(() => relay.onClientGone());
    answer.consume(relay);
  });
}

class BytesRelay implements AnswerSink {
  private head = Buffer.alloc(0);
  private bytes = 0;
  private firstMs: number | null = null;
  private isOver = false;
  private waitsForClient = false;
  private readonly announcedBytes: number | undefined;

  constructor(
    private readonly exchange: Exchange,
    private readonly answer: UpstreamAnswer,
    private readonly servedBy: ServedBy,
    private readonly recorder: CallSettlement,
    private readonly metered: Metered,
    private readonly resolve: () => void,
  ) {
    const length = answer.header('content-length');
    this.announcedBytes = length === undefined ? undefined : Number(length);
  }

  onData(chunk: Buffer): void {
    if (this.isOver) return;
    this.firstMs ??= this.exchange.elapsedMs();
    this.bytes += chunk.length;
    if (this.head.length < HEAD_BYTES) this.head = Buffer.concat([this.head, chunk.subarray(0, HEAD_BYTES - this.head.length)]);
    // The journal has the call before the client can know that it is over.
    if (this.bytes === this.announcedBytes) this.record('completed');
    this.write(chunk);
  }

  onEnd(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.record('completed');
    const { response } = this.exchange;
    if (!response.headersSent) this.writeHead();
    response.once('close', () => this.resolve());
    response.end(() => this.resolve());
  }

  /** Bytes have no place for an error: what came goes out, and the connection ends before the answer does. */
  onError(why: CutKind): void {
    if (this.isOver) return;
    this.isOver = true;
    this.record('upstream_cut');
    const { response } = this.exchange;
    if (response.headersSent) cutResponse(response);
    else this.exchange.refuse(cutRefusal(why), { 'x-should-retry': 'false' });
    this.resolve();
  }

  onClientGone(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.answer.abort();
    this.record('client_aborted');
    this.resolve();
  }

  private write(chunk: Buffer): void {
    const { response } = this.exchange;
    if (!response.headersSent) this.writeHead();
    if (response.write(chunk) || this.waitsForClient) return;
    this.waitsForClient = true;
    this.answer.pause();
    response.once('drain', () => {
      this.waitsForClient = false;
      this.answer.resume();
    });
  }

  private writeHead(): void {
    const headers = relayedHeaders(this.exchange, this.answer.plainHeaders, this.servedBy);
    if (this.announcedBytes !== undefined) headers.push('content-length', String(this.announcedBytes));
    this.exchange.response.writeHead(this.answer.status, headers);
  }

  private record(outcome: UsageOutcome): void {
    const { api, body } = this.metered;
    const type = this.answer.header('content-type') ?? '';
    const reading = this.bytes === 0 ? NOTHING_READ : (api.readBytes?.(this.head, this.bytes, type) ?? NOTHING_READ);
    this.recorder.record({
      ...api.unitsOf(body, reading),
      outcome,
      status: this.answer.status,
      region: this.servedBy.region,
      billable: outcome !== 'upstream_cut' || this.bytes > 0,
      ttftMs: this.firstMs,
    });
  }
}
