import type { ServerResponse } from 'node:http';
import { sendHead } from './send-head.js';

/** A caller that does not take the last bytes of a cut answer loses them after this time. */
const FLUSH_MAX_MS = 10_000;

/**
 * Ends an answer that is not complete so that nobody can take it for complete: what the pod sent still goes out, then the
 * connection closes without the end of the message.
 */
export function cutResponse(response: ServerResponse): void {
  const { socket } = response;
  if (socket === null || socket.destroyed) return;
  sendHead(response);
  while (response.writableCorked > 0) response.uncork();
  // An HTTP/1.0 caller takes the end of the connection for the end of the answer; only a reset tells it otherwise.
  if (response.req.httpVersionMinor === 0 && response.req.httpVersionMajor === 1) {
    socket.resetAndDestroy();
    return;
  }
  const giveUp = setTimeout(() => socket.destroy(), FLUSH_MAX_MS);
  giveUp.unref();
  socket.once('close', () => clearTimeout(giveUp));
  socket.destroySoon();
}
