import type { EventBus } from '../event-bus.js';
import { OutboxRelay } from './outbox-relay.js';

/** Runs a relay where the bus is not the database's own log; with the embedded log there is nothing to carry. */
export function relayOutbox(bus: EventBus, databaseUrl: string): { close(): Promise<void> } {
  if (bus.engine === 'embedded') return { close: () => Promise.resolve() };
  const relay = new OutboxRelay({ databaseUrl, bus });
  relay.start();
  return relay;
}
