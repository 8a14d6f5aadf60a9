import type { InferenceApi } from '../apis/api.js';
import type { BodyResult } from '../apis/body/parse-inference-body.js';
import type { RouterContext } from './router-context.js';

/** Shorter bodies are read at once. */
const SHORT_BYTES_MAX = 32_768;
/** Longer ones are read in a thread of their own. */
const LONG_BYTES_MAX = 524_288;
/** The dearest JSON takes about as long as this, in units of the event loop's shares. */
const BYTES_PER_UNIT = 64;

/** Reads a body without taking more of the event loop than its account's part of it. */
export function readInferenceBody(
  plane: RouterContext,
  api: InferenceApi,
  accountId: string,
  bytes: Buffer,
): BodyResult | Promise<BodyResult> {
  if (bytes.length <= SHORT_BYTES_MAX) return api.readBody(bytes);
  if (bytes.length > LONG_BYTES_MAX && plane.largeBodies.isAvailable) return plane.largeBodies.read(accountId, api.path, bytes);
  return readInTurn(plane, api, accountId, bytes);
}

async function readInTurn(plane: RouterContext, api: InferenceApi, accountId: string, bytes: Buffer): Promise<BodyResult> {
  const share = plane.turns.enter(accountId);
  try {
    if (!share.mayGoOn()) await new Promise<void>((resolve) => share.wait(resolve));
    const result = api.readBody(bytes);
    share.spend(bytes.length / BYTES_PER_UNIT);
    return result;
  } finally {
    share.leave();
  }
}
