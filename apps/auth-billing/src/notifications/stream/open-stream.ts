import type { ServerResponse } from 'node:http';
import type { StreamEvent } from '@ecolink/contracts';

/** Changes of different things that wait for a client; beyond, it is told to read everything anew. */
const WAITING_MAX = 500;
/** Changes of one thing within this time are one frame. */
const GATHER_MS = 100;
/** A client that takes nothing for so long is cut. */
const STUCK_MS = 60_000;

/** One client of the stream. What it does not take waits as one frame for each thing, the newest, in bounded memory. */
export class OpenStream {
  private readonly waiting = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;
  private blockedSinceMs: number | undefined;
  private closed = false;

  constructor(
    readonly accountId: string,
    private readonly response: ServerResponse,
    private readonly nowMs: () => number = Date.now,
  ) {
    response.on('drain', () => {
      this.blockedSinceMs = undefined;
      this.schedule();
    });
    response.once('close', () => this.forget());
    response.on('error', () => this.forget());
  }

  get isClosed(): boolean {
    return this.closed;
  }

  onClosed(listener: () => void): void {
    if (this.closed) listener();
    else this.response.once('close', listener);
  }

  /** Tells a change of one thing; a newer one of the same thing takes its place while it waits. */
  push(event: StreamEvent, id: string, data: object): void {
    if (this.closed) return;
    const name = `${event}:${id}`;
    if (this.waiting.size >= WAITING_MAX && !this.waiting.has(name)) {
      this.waiting.clear();
      this.waiting.set('reset', frame('reset', { reason: 'too many changes at once' }));
    } else if (!this.waiting.has('reset')) {
      this.waiting.set(name, frame(event, data));
    }
    this.schedule();
  }

  /** Keeps proxies from taking the connection for dead, and finds out whether it is. */
  heartbeat(): void {
    if (this.closed) return;
    if (this.blockedSinceMs !== undefined) {
      if (this.nowMs() - this.blockedSinceMs > STUCK_MS) this.response.destroy();
      return;
    }
    this.write(': heartbeat\n\n');
  }

  /** Says why, and ends. */
  end(reason: string): void {
    if (this.closed) return;
    const last = frame('end', { reason });
    this.forget();
    this.response.end(last);
  }

  private schedule(): void {
    if (this.closed || this.timer !== undefined || this.blockedSinceMs !== undefined || this.waiting.size === 0) return;
    this.timer = setTimeout(() => this.flush(), GATHER_MS);
  }

  private flush(): void {
    this.timer = undefined;
    if (this.closed) return;
    const frames = [...this.waiting.values()].join('');
    this.waiting.clear();
    this.write(frames);
  }

  private write(text: string): void {
    if (!this.response.write(text)) this.blockedSinceMs ??= this.nowMs();
  }

  private forget(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.waiting.clear();
  }
}

export function frame(event: StreamEvent, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
