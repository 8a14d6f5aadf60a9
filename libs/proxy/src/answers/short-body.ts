import type { ServerResponse } from 'node:http';

/** Node copies text up to this length to its stack when it writes it. */
const TEXT_BYTES_MAX = 12_288;

/**
 * A body, or its beginning, that goes as text, one character for each byte: behind a head that has not left yet Node then writes
 * both as one piece, which costs less than two pieces in one call of the system.
 */
export function isShortBody(bytes: Buffer): boolean {
  return bytes.length <= TEXT_BYTES_MAX;
}

/** Ends an answer whose head was written a moment ago with its whole body. */
export function endWith(response: ServerResponse, body: Buffer): void {
  if (isShortBody(body)) response.end(body.toString('latin1'), 'latin1');
  else response.end(body);
}

/**
 * Writes what comes first of a body, behind a head that has not left yet. What is chunked is several pieces anyway.
 * @returns false when the caller should wait for `drain`.
 */
export function writeFirst(response: ServerResponse, chunk: Buffer): boolean {
  if (!response.chunkedEncoding && isShortBody(chunk)) return response.write(chunk.toString('latin1'), 'latin1');
  response.cork();
  const mayGoOn = response.write(chunk);
  response.uncork();
  return mayGoOn;
}
