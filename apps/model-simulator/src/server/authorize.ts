import { createHash, timingSafeEqual } from 'node:crypto';
import { RequestRefused } from '../wire/request-refused.js';

/** Refuses with 401 unless the bearer key is the expected one; without an expected key everybody may call. */
export function authorize(authorization: string | undefined, apiKey: string | undefined): void {
  if (apiKey === undefined) return;
  const given = /^bearer +(.+)$/i.exec(authorization ?? '')?.[1]?.trim();
  if (given !== undefined && timingSafeEqual(digest(given), digest(apiKey))) return;
  throw new RequestRefused(401, 'invalid_api_key', 'Incorrect API key provided.');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
