import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Ends an HTTP server without cutting a call: it takes no new connections, connections without a call in flight are closed
 * at once — those that have never carried one included, which Node does not count as idle — and the others when theirs ends.
 */
export class DrainingServer {
  private readonly callsInFlight = new Map<Socket, number>();
  private draining: Promise<void> | undefined;

  constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => {
      this.callsInFlight.set(socket, 0);
      socket.once('close', () => this.callsInFlight.delete(socket));
    });
    server.on('request', (request, response) => {
      const { socket } = request;
      this.callsInFlight.set(socket, (this.callsInFlight.get(socket) ?? 0) + 1);
      response.once('close', () => {
        this.callEnded(socket);
      });
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
      for (const [socket, calls] of this.callsInFlight) if (calls === 0) socket.destroy();
    });
    return this.draining;
  }

  private callEnded(socket: Socket): void {
    const calls = (this.callsInFlight.get(socket) ?? 1) - 1;
    if (this.callsInFlight.has(socket)) this.callsInFlight.set(socket, calls);
    if (this.draining !== undefined && calls === 0) socket.destroySoon();
  }
}
