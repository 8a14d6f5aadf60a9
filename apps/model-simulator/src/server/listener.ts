import { once } from 'node:events';
import type { Server } from 'node:http';
import { yieldToIo } from '../timing/wait.js';

/** Opens, closes and reopens the listening socket of one server, always on the same port. */
export class Listener {
  private port = 0;
  private connections = 0;
  private onLastConnection: (() => void) | undefined;

  constructor(
    private readonly server: Server,
    private readonly host: string,
  ) {
    server.on('connection', (socket) => {
      this.connections += 1;
      socket.once('close', () => {
        this.connections -= 1;
        if (this.connections === 0) this.onLastConnection?.();
      });
    });
  }

  /** Listens and returns the port, a free one for 0. */
  async open(port: number): Promise<number> {
    const listening = once(this.server, 'listening');
    this.server.listen(port, this.host);
    await listening;
    const address = this.server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : port;
    return this.port;
  }

  /** Accepts connections or refuses them, as the kernel does where nothing listens; running requests go on. */
  async accept(accepting: boolean): Promise<void> {
    if (accepting === this.server.listening) return;
    if (accepting) {
      await this.open(this.port);
      return;
    }
    this.server.close();
    await yieldToIo();
  }

  /** To be called after every request: a connection that is idle now would otherwise outlive a closed listener. */
  requestEnded(): void {
    if (!this.server.listening) setImmediate(() => this.server.closeIdleConnections());
  }

  /** Refuses new connections and waits for the others; after `drainMs` cuts them. Returns `inFlight()` at that moment. */
  async drain(drainMs: number, inFlight: () => number): Promise<number> {
    await this.accept(false);
    const ended = this.lastConnectionEnded();
    if (drainMs > 0 && (await settlesWithin(ended, drainMs))) return 0;
    const cut = inFlight();
    this.server.closeAllConnections();
    await ended;
    return cut;
  }

  private async lastConnectionEnded(): Promise<void> {
    if (this.connections === 0) return;
    await new Promise<void>((resolve) => (this.onLastConnection = resolve));
  }
}

async function settlesWithin(promise: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), ms)));
  const settled = await Promise.race([promise.then(() => true), expired]);
  clearTimeout(timer);
  return settled;
}
