import type { IncomingMessage } from 'node:http';
import { assertNever, headerValue, headerValues, type Refusal } from '@ecolink/contracts';
import type { BodyHold, BodyRefused } from './body-budget.js';
import { joinPieces } from './join-pieces.js';

export type ReadBodyResult =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'refusal'; readonly refusal: Refusal }
  | { readonly kind: 'client_gone' };

export interface BodyLimits {
  readonly bodyBytesMax: number;
  /** Between two pieces of a body that streams through. */
  readonly bodyIdleTimeoutMs: number;
  /** A body that is gathered must come at this rate on average over each `bodyPatienceMs`. */
  readonly bodySlowestBytesPerSecond: number;
  readonly bodyPatienceMs: number;
  /** What a body over the limit is told; its length where that is left out. */
  readonly tooLarge?: Refusal;
}

const NO_ROOM_RETRY_SECONDS = 1;
const MS_PER_SECOND = 1_000;

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
  const large = tooLarge(limits);
  const announced = Number(headerValue(request.rawHeaders, 'content-length') ?? NaN);
  if (announced > bodyBytesMax) return Promise.resolve(large);
  // Mostly it has come with its head, and Node has it by now, though not yet its end: that costs less than to listen for pieces.
  const isHere = request.complete || (announced > 0 && request.readableLength === announced);
  return isHere ? Promise.resolve(takeWhole(request, limits, hold)) : gatherPieces(request, limits, hold, announced);
}

function takeWhole(request: IncomingMessage, limits: BodyLimits, hold: BodyHold): ReadBodyResult {
  const bytes = (request.read() as Buffer | null) ?? NOTHING;
  if (bytes.length > limits.bodyBytesMax) return tooLarge(limits);
  const refused = hold.take(bytes.length);
  return refused === undefined ? { kind: 'bytes', bytes } : noRoom(refused);
}

function gatherPieces(request: IncomingMessage, limits: BodyLimits, hold: BodyHold, announced: number): Promise<ReadBodyResult> {
  const bytesMax = limits.bodyBytesMax;
  if (request.destroyed) return Promise.resolve({ kind: 'client_gone' });
  return new Promise((settle, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let pace: NodeJS.Timeout | undefined;
    let isSettled = false;
    const resolve = (result: ReadBodyResult): void => {
      isSettled = true;
      clearInterval(pace);
      if (result.kind === 'refusal') hold.release();
      settle(result);
    };
    const resolveWhole = (): void => {
      if (isSettled) return;
      const whole = joinPieces(chunks, length);
      if (Buffer.isBuffer(whole)) return resolve({ kind: 'bytes', bytes: whole });
      // All of it is here: nothing of the request is waited for any more.
      isSettled = true;
      clearInterval(pace);
      whole.then((bytes) => resolve({ kind: 'bytes', bytes }), reject);
    };
    request.on('data', (chunk: Buffer) => {
      if (isSettled) return;
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
      resolve(refused === undefined ? tooLarge(limits) : noRoom(refused));
    });
    request.on('end', resolveWhole);
    // Mostly a body has come with its head, and is here within this turn of the event loop.
    setImmediate(() => {
      if (isSettled) return;
      if (request.destroyed) return resolve({ kind: 'client_gone' });
      request.on('close', () => {
        if (!isSettled) resolve({ kind: 'client_gone' });
      });
      pace = watchPace(
        limits,
        () => length,
        (late) => {
          chunks.length = 0;
          request.pause();
          resolve(late);
        },
      );
    });
  });
}

/** Looks at the end of each `bodyPatienceMs` whether enough has come in it. */
function watchPace(limits: BodyLimits, length: () => number, onSlow: (late: ReadBodyResult) => void): NodeJS.Timeout {
  const { bodyPatienceMs, bodySlowestBytesPerSecond } = limits;
  const leastBytes = (bodySlowestBytesPerSecond * bodyPatienceMs) / MS_PER_SECOND;
  let before = length();
  return setInterval(() => {
    const bytes = length() - before;
    before += bytes;
    if (bytes >= leastBytes) return;
    const message = `the body came slower than ${bodySlowestBytesPerSecond} bytes a second over ${bodyPatienceMs / MS_PER_SECOND} s`;
    onSlow({ kind: 'refusal', refusal: { code: 'request_timeout', message } });
  }, bodyPatienceMs);
}

function tooLarge({ bodyBytesMax, tooLarge: told }: BodyLimits): ReadBodyResult {
  if (told !== undefined) return { kind: 'refusal', refusal: told };
  return refusal('request_too_large', `the body is larger than ${bodyBytesMax} bytes`);
}

function noRoom(refused: BodyRefused): ReadBodyResult {
  return { kind: 'refusal', refusal: noRoomRefusal(refused) };
}

/** What a caller is told while there is no room for its body. */
export function noRoomRefusal(refused: BodyRefused): Refusal {
  const retryAfterSeconds = NO_ROOM_RETRY_SECONDS;
  switch (refused) {
    case 'account': {
      const message = 'this account sends too many large bodies at once; try again when some of its calls have ended';
      return { code: 'rate_limit_exceeded', message, retryAfterSeconds };
    }
    case 'router': {
      const message = 'too many large bodies are in flight at the moment; try again';
      return { code: 'service_unavailable', message, retryAfterSeconds };
    }
    default:
      return assertNever(refused);
  }
}

function refusal(code: 'invalid_request' | 'request_too_large', message: string): ReadBodyResult {
  return { kind: 'refusal', refusal: { code, message } };
}
