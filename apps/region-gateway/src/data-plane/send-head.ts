import type { ServerResponse } from 'node:http';

const NOTHING = Buffer.alloc(0);

/**
 * Sends a head that was written before there is anything of the body. Node's own `flushHeaders` would encode it as UTF-8,
 * and so change every header value that is not plain ASCII. An answer without a body sends its head when it ends.
 */
export function sendHead(response: ServerResponse): void {
  response.write(NOTHING);
}
