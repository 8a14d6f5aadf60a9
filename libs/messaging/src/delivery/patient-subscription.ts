import { setTimeout as delay } from 'node:timers/promises';
import { errorText } from '../bus-logger.js';
import type { EventBus, Progress, Subscription, TailOptions } from '../event-bus.js';
import { type BackOff, backOffMs } from './back-off.js';

const BACK_OFF: BackOff = { initialMs: 250, maxMs: 5_000 };
/** How long a start waits for its subscriptions before it goes on without them. */
const FIRST_TRY_MS = 5_000;

/**
 * A subscription that is opened in the background until it succeeds: a service that starts while the bus is down serves
 * what it can without it, and says what it waits for.
 */
export class PatientSubscription implements Subscription {
  private opened: Subscription | undefined;
  private problem: string | undefined = 'not subscribed yet';
  private readonly closing = new AbortController();
  private readonly opening: Promise<void>;

  constructor(private readonly open: () => Promise<Subscription>) {
    this.opening = this.keepTrying();
  }

  /** Resolves once it is open, or when a start should not wait for it any longer. */
  async settle(): Promise<void> {
    const waited = new AbortController();
    await Promise.race([this.opening, delay(FIRST_TRY_MS, undefined, { signal: waited.signal }).catch(() => undefined)]);
    waited.abort();
  }

  /** Why nothing is delivered yet; undefined once it is open. */
  waitingFor(): string | undefined {
    return this.problem;
  }

  /** Before it is open nothing is known to wait, and nothing progresses. */
  progress(): Progress {
    return this.opened?.progress() ?? { lag: 0, lastProgressAtMs: 0 };
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.opened?.close();
  }

  private async keepTrying(): Promise<void> {
    const { signal } = this.closing;
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        const subscription = await this.open();
        if (signal.aborted) {
          await subscription.close();
          return;
        }
        this.opened = subscription;
        this.problem = undefined;
        return;
      } catch (error) {
        this.problem = `not subscribed yet: ${errorText(error)}`;
        await delay(backOffMs(BACK_OFF, failures), undefined, { signal }).catch(() => undefined);
      }
    }
  }
}

/** `bus.tail` that a start does not hang on. */
export async function tailPatiently(bus: EventBus, options: TailOptions): Promise<PatientSubscription> {
  const subscription = new PatientSubscription(() => bus.tail(options));
  await subscription.settle();
  return subscription;
}
