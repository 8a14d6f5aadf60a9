import type { InferenceApi } from '../apis/api.js';
import type { InferenceBody } from '../apis/body/parse-inference-body.js';
import type { CallSize } from './call-bounds.js';

/** What the bounds of a call go by, as its endpoint and its body say it; null for one that is priced by the request alone. */
export function sizeOf(body: InferenceBody, api: InferenceApi): CallSize | null {
  if (api.isPricedByRequest === true) return null;
  const { bytes, limits, stream, hasMedia } = body;
  const size = { ...limits, stream, hasMedia, bodyBytes: bytes.length, hasOutput: api.category === 'chat' };
  return api.expected === undefined ? size : { ...size, media: api.expected(body) };
}
