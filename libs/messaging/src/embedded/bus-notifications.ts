import { BUS_CHANNEL } from '@ecolink/contracts';
import { CONNECTION_BACK_OFF, waitBackOff } from '../delivery/back-off.js';
import { type BusLogger, errorText } from '../bus-logger.js';
import { SerialClient } from './serial-client.js';

/** Gets the topic that has news, or undefined when any may have: after a lost connection nobody knows what was missed. */
export type WakeUpListener = (topic: string | undefined) => void;

/** One connection that listens for notifications on behalf of all subscriptions of a bus, and comes back when it is lost. */
export class BusNotifications {
  private readonly listeners = new Set<WakeUpListener>();
  private readonly closing = new AbortController();
  private running: Promise<void> | undefined;
  private listening = false;

  /** Every event that is committed from now on is heard of. */
  get isListening(): boolean {
    return this.listening;
  }

  constructor(
    private readonly url: string,
    private readonly logger: BusLogger,
  ) {}

  /** Returns a function that ends the subscription. */
  subscribe(listener: WakeUpListener): () => void {
    this.listeners.add(listener);
    this.running ??= this.run();
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    for (let failures = 0; !signal.aborted;) {
      try {
        await this.listen(() => (failures = 0));
      } catch (error) {
        this.logger.warn({ error: errorText(error) }, 'bus_listen_failed');
      }
      failures += 1;
      await waitBackOff(CONNECTION_BACK_OFF, failures, signal).catch(() => undefined);
    }
  }

  private async listen(onReady: () => void): Promise<void> {
    const client = await SerialClient.connect(this.url, 'ecolink-bus-listen');
    try {
      client.onNotification((topic) => this.ring(topic));
      await client.query(`LISTEN ${BUS_CHANNEL}`);
      onReady();
      this.listening = true;
      this.ring(undefined);
      await aborted(AbortSignal.any([client.lost, this.closing.signal]));
    } finally {
      this.listening = false;
      client.close();
    }
  }

  private ring(topic: string | undefined): void {
    for (const listener of this.listeners) listener(topic);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
