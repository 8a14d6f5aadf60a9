import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { noteUnfinishedAnswers, unfinishedAnswers } from './unfinished-answers.js';

/**
 * Ends an HTTP server without cutting a call: it takes no new connections, connections without a call in flight are closed
 * at once — those that have never carried one included, which Node does not count as idle — and the others when theirs ends.
 */
export class DrainingServer {
  private readonly sockets = new Set<Socket>();
  private draining: Promise<void> | undefined;

  constructor(private readonly server: Server) {
    noteUnfinishedAnswers(server);
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  /** Resolves once every connection is closed; what is left after `timeoutMs` is cut. */
  drain(timeoutMs: number): Promise<void> {
    this.draining ??= new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.server.closeAllConnections();
      }, timeoutMs);
      this.server.close(() => {
        clearTimeout(timer);
        resolve();
      });
      this.server.prependListener('request', ({ socket }, response) => closeAfter(socket, response));
      for (const socket of this.sockets) {
        const unfinished = unfinishedAnswers(socket);
        if (unfinished.length === 0) socket.destroy();
        else for (const response of unfinished) closeAfter(socket, response);
      }
    });
    return this.draining;
  }
}

/** Closes the connection when it owes nothing after this answer. */
function closeAfter(socket: Socket, response: ServerResponse): void {
  response.once('close', () => {
    if (unfinishedAnswers(socket).every((other) => other === response)) socket.destroySoon();
  });
}
