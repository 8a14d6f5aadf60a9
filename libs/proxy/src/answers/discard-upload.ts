import type { IncomingMessage } from 'node:http';

/** How long the rest of an upload that nobody wants is read, so that the answer reaches a caller who is still sending. */
const LINGER_MS = 5_000;

/** Reads what is left of a request, and throws it away, for a bounded time; a caller that goes on sending is cut off then. */
export function discardUpload(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  // A short one has mostly come with its head, and is parsed within this turn of the event loop; Node throws it away.
  setImmediate(() => {
    if (!request.complete && !request.destroyed) readOn(request);
  });
}

function readOn(request: IncomingMessage): void {
  const cutOff = setTimeout(() => request.destroy(), LINGER_MS);
  cutOff.unref();
  const stop = (): void => clearTimeout(cutOff);
  request.once('end', stop).once('close', stop).on('error', stop).resume();
}
