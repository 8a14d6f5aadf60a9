import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { headerValue } from '@ecolink/contracts';
import { noteBytesRead } from '@ecolink/proxy';

/** Bodies up to this length are handed over in one piece, which costs one write instead of a stream. */
const SMALL_BODY_BYTES = 65_536;
const BUFFERED_BYTES = 65_536;

/** `undefined` when the request has no body. */
export type RequestBody =
  { readonly kind: 'none' } | { readonly kind: 'small'; readonly length: number } | { readonly kind: 'stream' };

export function bodyOf(request: IncomingMessage): RequestBody {
  if (headerValue(request.rawHeaders, 'transfer-encoding') !== undefined) return { kind: 'stream' };
  const length = Number(headerValue(request.rawHeaders, 'content-length') ?? '0');
  if (length === 0) return { kind: 'none' };
  return length <= SMALL_BODY_BYTES ? { kind: 'small', length } : { kind: 'stream' };
}

/** Reads a small body of this length whole. `done` is not called when the caller goes away before its end. */
export function readSmallBody(request: IncomingMessage, length: number, done: (body: Buffer) => void): void {
  // A caller that leaves is noticed by the closing of its response.
  request.on('error', () => undefined);
  // Mostly it has come with its head, and Node has it by then: that costs less than to listen for pieces.
  queueMicrotask(() => {
    if (request.readableLength === length) done(request.read() as Buffer);
    else gatherPieces(request, length, done);
  });
}

function gatherPieces(request: IncomingMessage, length: number, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let missing = length;
  request.on('data', (chunk: Buffer) => {
    missing -= chunk.length;
    if (missing > 0 || chunks.length > 0) chunks.push(chunk);
    // Its end is told later than its last byte: a call need not wait for it.
    if (missing === 0) done(chunks.length === 0 ? chunk : Buffer.concat(chunks));
  });
}

/**
 * The caller's upload as undici's body. Nothing is read before undici asks, which it does once it is connected and writes
 * the request: until then the body is untouched and another pod can be tried. Destroying it leaves the caller's
 * connection alone, which is still wanted for the answer.
 */
export class UploadStream extends Readable {
  #source: IncomingMessage | undefined;
  readonly #onData = (chunk: Buffer) => {
    noteBytesRead(chunk.length);
    if (!this.push(chunk)) this.#source?.pause();
  };
  readonly #onEnd = () => this.push(null);
  readonly #onLost = () => this.destroy(new Error('the caller went away'));

  constructor(private readonly request: IncomingMessage) {
    super({ highWaterMark: BUFFERED_BYTES });
    // undici listens for errors only while it has a use for the body.
    this.on('error', () => undefined);
  }

  override _read(): void {
    if (this.#source === undefined) {
      this.#source = this.request;
      this.request.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onLost).on('aborted', this.#onLost);
    }
    this.request.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.request.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onLost).off('aborted', this.#onLost);
    this.request.on('error', () => undefined);
    callback(error);
  }
}
