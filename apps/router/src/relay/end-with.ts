import type { ServerResponse } from 'node:http';

/** Node copies text up to this length to its stack when it writes it. */
const TEXT_BYTES_MAX = 12_288;

/**
 * Ends an answer whose head was written a moment ago with its whole body. A short one goes as text, one character for each
 * byte: Node then writes head and body as one piece, which costs less than two pieces in one call of the system.
 */
export function endWith(response: ServerResponse, body: Buffer): void {
  if (body.length <= TEXT_BYTES_MAX) response.end(body.toString('latin1'), 'latin1');
  else response.end(body);
}
