import type { IncomingMessage } from 'node:http';
import type { Refusal } from '@ecolink/contracts';

export type ReadBodyResult =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'refusal'; readonly refusal: Refusal }
  | { readonly kind: 'client_gone' };

export interface BodyLimits {
  readonly bodyBytesMax: number;
  /** Between two pieces of a body. */
  readonly bodyIdleTimeoutMs: number;
}

/** Reads a whole request body. Compressed bodies are refused: the router must read what it bills. */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<ReadBodyResult> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    return Promise.resolve(refusal('invalid_request', 'compressed request bodies are not supported: send the JSON as it is'));
  }
  return collectBody(request, limits);
}

/** Reads a whole request body as it is. */
export function collectBody(request: IncomingMessage, limits: BodyLimits): Promise<ReadBodyResult> {
  const bytesMax = limits.bodyBytesMax;
  const tooLarge = refusal('request_too_large', `the body is larger than ${bytesMax} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) return Promise.resolve(tooLarge);
  const present = presentBody(request);
  if (present !== undefined) return Promise.resolve({ kind: 'bytes', bytes: present });
  return new Promise((settle) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const late = refusal('invalid_request', 'the rest of the body did not come in time');
    const idle = setTimeout(() => resolve(late), limits.bodyIdleTimeoutMs);
    const resolve = (result: ReadBodyResult): void => {
      clearTimeout(idle);
      settle(result);
    };
    request.on('data', (chunk: Buffer) => {
      idle.refresh();
      length += chunk.length;
      if (length <= bytesMax) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      request.pause();
      resolve(tooLarge);
    });
    request.on('end', () =>
      resolve({ kind: 'bytes', bytes: chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks) }),
    );
    request.on('close', () => resolve({ kind: 'client_gone' }));
  });
}

/** The body where all of it came with the head, which spares waiting for it. */
function presentBody(request: IncomingMessage): Buffer | undefined {
  if (!request.complete || request.readableFlowing !== null || request.readableLength === 0) return undefined;
  return (request.read() as Buffer | null) ?? undefined;
}

function refusal(code: 'invalid_request' | 'request_too_large', message: string): ReadBodyResult {
  return { kind: 'refusal', refusal: { code, message } };
}
