import type { BusNotifications } from './bus-notifications.js';

/** A connection that silently died wakes nobody: what it missed is found after this. */
const FLOOR_MS = 5_000;

/** Says when a reader that nothing woke reads all the same: at every tick while no notifications can come, seldom while they can. */
export class ReadFloor {
  private dueAtMs = 0;

  constructor(private readonly notifications: Pick<BusNotifications, 'isListening'>) {}

  get isDue(): boolean {
    return !this.notifications.isListening || performance.now() >= this.dueAtMs;
  }

  /** A read begins. */
  reads(): void {
    this.dueAtMs = performance.now() + FLOOR_MS;
  }

  /** The next tick reads: a read failed, or there is more to read from. */
  makeDue(): void {
    this.dueAtMs = 0;
  }
}
