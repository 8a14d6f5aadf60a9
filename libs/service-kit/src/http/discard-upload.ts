import type { IncomingMessage } from 'node:http';

/** How long the rest of an upload that nobody wants is read, so that the answer reaches a caller who is still sending. */
const LINGER_MS = 5_000;

/** Reads what is left of a request, and throws it away, for a bounded time; a caller that goes on sending is cut off then. */
export function discardUpload(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  const cutOff = setTimeout(() => request.destroy(), LINGER_MS);
  cutOff.unref();
  const stop = (): void => clearTimeout(cutOff);
  request.once('end', stop).once('close', stop).on('error', stop).resume();
}
