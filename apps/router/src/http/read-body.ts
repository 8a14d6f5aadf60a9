import type { IncomingMessage } from 'node:http';
import { assertNever, headerValue, headerValues, type Refusal } from '@ecolink/contracts';
import type { BodyHold, BodyRefused } from './body-budget.js';

export type ReadBodyResult =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'refusal'; readonly refusal: Refusal }
  | { readonly kind: 'client_gone' };

export interface BodyLimits {
  readonly bodyBytesMax: number;
  /** Between two pieces of a body. */
  readonly bodyIdleTimeoutMs: number;
}

const NO_ROOM_RETRY_SECONDS = 1;

const NOTHING = Buffer.alloc(0);

/** Reads a whole request body. Compressed bodies are refused: the router must read what it bills. */
export function readBody(request: IncomingMessage, limits: BodyLimits, hold: BodyHold): Promise<ReadBodyResult> {
  const encodings = headerValues(request.rawHeaders, 'content-encoding');
  if (encodings.some((encoding) => encoding !== 'identity')) {
    return Promise.resolve(refusal('invalid_request', 'compressed request bodies are not supported: send the JSON as it is'));
  }
  return collectBody(request, limits, hold);
}

/** Reads a whole request body as it is. Room for what comes is taken from the router's budget, as it comes. */
export function collectBody(request: IncomingMessage, limits: BodyLimits, hold: BodyHold): Promise<ReadBodyResult> {
  const { bodyBytesMax } = limits;
  const announced = Number(headerValue(request.rawHeaders, 'content-length') ?? NaN);
  if (announced > bodyBytesMax) return Promise.resolve(tooLarge(bodyBytesMax));
  // Mostly it has come with its head, and Node has it by now, though not yet its end: that costs less than to listen for pieces.
  const isHere = request.complete || (announced > 0 && request.readableLength === announced);
  return isHere ? Promise.resolve(takeWhole(request, bodyBytesMax, hold)) : gatherPieces(request, limits, hold, announced);
}

function takeWhole(request: IncomingMessage, bytesMax: number, hold: BodyHold): ReadBodyResult {
  const bytes = (request.read() as Buffer | null) ?? NOTHING;
  if (bytes.length > bytesMax) return tooLarge(bytesMax);
  const refused = hold.take(bytes.length);
  return refused === undefined ? { kind: 'bytes', bytes } : noRoom(refused);
}

function gatherPieces(request: IncomingMessage, limits: BodyLimits, hold: BodyHold, announced: number): Promise<ReadBodyResult> {
  const bytesMax = limits.bodyBytesMax;
  if (request.destroyed) return Promise.resolve({ kind: 'client_gone' });
  return new Promise((settle) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let idle: NodeJS.Timeout | undefined;
    let isSettled = false;
    const resolve = (result: ReadBodyResult): void => {
      isSettled = true;
      clearTimeout(idle);
      settle(result);
    };
    const resolveWhole = (): void => {
      if (isSettled) return;
      resolve({ kind: 'bytes', bytes: chunks.length === 1 ? (chunks[0] ?? NOTHING) : Buffer.concat(chunks) });
    };
    request.on('data', (chunk: Buffer) => {
      idle?.refresh();
      length += chunk.length;
      const refused = length > bytesMax ? undefined : hold.take(chunk.length);
      if (length <= bytesMax && refused === undefined) {
        chunks.push(chunk);
        // Its end is told later than its last byte: a call need not wait for it.
        if (length === announced) resolveWhole();
        return;
      }
      chunks.length = 0;
      request.pause();
      resolve(refused === undefined ? tooLarge(bytesMax) : noRoom(refused));
    });
    request.on('end', resolveWhole);
    // Mostly a body has come with its head, and is here within this turn of the event loop.
    setImmediate(() => {
      if (isSettled) return;
      if (request.destroyed) return resolve({ kind: 'client_gone' });
      request.on('close', () => resolve({ kind: 'client_gone' }));
      const late = refusal('invalid_request', 'the rest of the body did not come in time');
      idle = setTimeout(() => resolve(late), limits.bodyIdleTimeoutMs);
    });
  });
}

function tooLarge(bytesMax: number): ReadBodyResult {
  return refusal('request_too_large', `the body is larger than ${bytesMax} bytes`);
}

function noRoom(refused: BodyRefused): ReadBodyResult {
  const retryAfterSeconds = NO_ROOM_RETRY_SECONDS;
  switch (refused) {
    case 'account': {
      const message = 'this account sends too many large bodies at once; try again when some of its calls have ended';
      return { kind: 'refusal', refusal: { code: 'rate_limit_exceeded', message, retryAfterSeconds } };
    }
    case 'router': {
      const message = 'too many large bodies are in flight at the moment; try again';
      return { kind: 'refusal', refusal: { code: 'service_unavailable', message, retryAfterSeconds } };
    }
    default:
      return assertNever(refused);
  }
}

function refusal(code: 'invalid_request' | 'request_too_large', message: string): ReadBodyResult {
  return { kind: 'refusal', refusal: { code, message } };
}
