import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/**
 * Tells a client that waits for `100 Continue` to go on when its body is asked for, and not before: by then its key has
 * been looked at. An answer that comes first is all that the client gets.
 */
export function continueWhenRead(server: Server): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    const read = request._read.bind(request);
    let isAsked = false;
    request._read = (size) => {
      if (!isAsked && !response.headersSent && !response.destroyed) response.writeContinue();
      isAsked = true;
      read(size);
    };
    server.emit('request', request, response);
  });
}
