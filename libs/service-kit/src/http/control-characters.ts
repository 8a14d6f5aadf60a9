import type { Refusal } from '@ecolink/contracts';

const ENCODED_CONTROL = /%(?:[01][0-9a-f]|7f)/i;

/** Control characters in a URL: nothing is called so (404), and nothing is asked for so (400). Undefined for any other URL. */
export function refuseControlCharacters(url: string): Refusal | undefined {
  const queryAt = url.indexOf('?');
  const path = queryAt === -1 ? url : url.slice(0, queryAt);
  if (ENCODED_CONTROL.test(path)) return { code: 'not_found', message: 'not found' };
  if (queryAt === -1 || !ENCODED_CONTROL.test(url.slice(queryAt))) return undefined;
  return { code: 'invalid_request', message: 'the query must not hold control characters' };
}
