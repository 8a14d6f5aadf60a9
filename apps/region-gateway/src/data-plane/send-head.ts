import type { ServerResponse } from 'node:http';

const NOTHING = Buffer.alloc(0);
/** Node copies text up to this length to its stack when it writes it. */
const TEXT_BYTES_MAX = 12_288;

/**
 * Sends a head that was written before there is anything of the body. Node's own `flushHeaders` would encode it as UTF-8,
 * and so change every header value that is not plain ASCII. An answer without a body sends its head when it ends.
 */
export function sendHead(response: ServerResponse): void {
  response.write(NOTHING);
}

/**
 * Writes what comes first of a body, behind a head that has not left yet. A short piece goes as text, one character for each
 * byte: Node then writes head and body as one piece, which costs less than two. What is chunked is several pieces anyway.
 * @returns false when the caller should wait for `drain`.
 */
export function writeFirst(response: ServerResponse, chunk: Buffer): boolean {
  if (!response.chunkedEncoding && chunk.length <= TEXT_BYTES_MAX) return response.write(chunk.toString('latin1'), 'latin1');
  response.cork();
  const mayGoOn = response.write(chunk);
  response.uncork();
  return mayGoOn;
}
