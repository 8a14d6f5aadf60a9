import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** Bodies up to this length are handed over in one piece, which costs one write instead of a stream. */
const SMALL_BODY_BYTES = 65_536;
const BUFFERED_BYTES = 65_536;
const NOTHING = Buffer.alloc(0);

/** `undefined` when the request has no body. */
export type RequestBody =
  { readonly kind: 'none' } | { readonly kind: 'small'; readonly length: number } | { readonly kind: 'stream' };

export function bodyOf(request: IncomingMessage): RequestBody {
  if (request.headers['transfer-encoding'] !== undefined) return { kind: 'stream' };
  const length = Number(request.headers['content-length'] ?? '0');
  if (length === 0) return { kind: 'none' };
  return length <= SMALL_BODY_BYTES ? { kind: 'small', length } : { kind: 'stream' };
}

/** Reads a small body whole. `done` is not called when the caller goes away before its end. */
export function readSmallBody(request: IncomingMessage, done: (body: Buffer) => void): void {
  // Mostly it comes with its head, and is parsed within this turn of the event loop.
  setImmediate(() => {
    if (request.complete) done((request.read() as Buffer | null) ?? NOTHING);
    else gatherPieces(request, done);
  });
}

function gatherPieces(request: IncomingMessage, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => done(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)));
  // A caller that leaves is noticed by the closing of its response.
  request.on('error', () => undefined);
}

/**
 * The caller's upload as undici's body. Nothing is read before undici asks, which it does once it is connected and writes
 * the request: until then the body is untouched and another pod can be tried. Destroying it leaves the caller's
 * connection alone, which is still wanted for the answer.
 */
export class UploadStream extends Readable {
  #source: IncomingMessage | undefined;
  readonly #onData = (chunk: Buffer) => {
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
