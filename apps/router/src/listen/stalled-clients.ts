import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Connections are looked at so often within the time that a client may take nothing. */
const LOOKS = 6;

/** How far a client has taken what is there for it. */
interface Progress {
  readonly dispatched: number;
  /** What the system has not taken of the write under way; no part of Node's types. */
  readonly inFlight: number;
  readonly atMs: number;
}

/**
 * Cuts clients that take no byte for a while though bytes wait for them: they would keep a pod and its answer for as long
 * as they like. One timer looks at all connections of a server, so that a call pays nothing for it.
 */
export class StalledClients {
  private readonly sockets = new Map<Socket, Progress | undefined>();
  private readonly timer: NodeJS.Timeout;

  /** @param stallMs for which a client may take nothing. */
  constructor(
    private readonly stallMs: number,
    private readonly onCut: () => void,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.timer = setInterval(() => this.look(), stallMs / LOOKS);
    this.timer.unref();
  }

  /** To be called once for a server, before it listens. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      this.sockets.set(socket, undefined);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Cuts who has taken nothing since `stallMs`. */
  look(): void {
    for (const [socket, before] of this.sockets) {
      const inFlight = inFlightOf(socket);
      if (socket.writableLength === 0 && inFlight === 0) {
        if (before !== undefined) this.sockets.set(socket, undefined);
        continue;
      }
      // Both count what waits, so that their difference moves only with what was taken.
      const dispatched = socket.bytesWritten - socket.writableLength;
      if (before?.dispatched !== dispatched || before.inFlight !== inFlight) {
        this.sockets.set(socket, { dispatched, inFlight, atMs: this.now() });
      } else if (this.now() - before.atMs >= this.stallMs) {
        this.sockets.delete(socket);
        this.onCut();
        socket.destroy();
      }
    }
  }
}

/** Bytes of the write under way that the client's side has no room for. */
function inFlightOf(socket: Socket): number {
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly writeQueueSize?: number } | null };
  return handle?.writeQueueSize ?? 0;
}
