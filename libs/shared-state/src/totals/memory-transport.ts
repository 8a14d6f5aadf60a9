import type { TotalsMessage, TotalsTransport } from './shared-totals.js';

/** Joins participants of one process: one router on one machine needs no more. */
export class MemoryTotalsHub {
  private readonly listeners = new Set<(message: TotalsMessage) => void>();
  private readonly messages = new Map<string, TotalsMessage>();

  constructor(private readonly now: () => number = Date.now) {}

  /** As a server that was emptied. */
  forgetKept(): void {
    this.messages.clear();
  }

  transport(): TotalsTransport {
    let listener: ((message: TotalsMessage) => void) | undefined;
    return {
      publish: (message) => {
        for (const other of this.listeners) if (other !== listener) other(message);
        return Promise.resolve();
      },
      keep: (message) => {
        this.messages.set(message.from, message);
        return Promise.resolve();
      },
      drop: (participant) => {
        this.messages.delete(participant);
        return Promise.resolve();
      },
      kept: () => Promise.resolve([...this.messages.values()]),
      open: (onMessage) => {
        listener = onMessage;
        this.listeners.add(onMessage);
        return Promise.resolve();
      },
      isConnected: () => true,
      time: () => Promise.resolve(this.now()),
      close: () => {
        if (listener !== undefined) this.listeners.delete(listener);
        return Promise.resolve();
      },
    };
  }
}
