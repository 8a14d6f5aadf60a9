import { MemoryTotalsHub } from './memory-transport.js';
import { RedisTotalsTransport } from './redis-transport.js';
import { type SharedTotals, SynchronisedTotals } from './shared-totals.js';

/** Totals over Redis where a URL is given, otherwise over this process alone. */
export function createSharedTotals(options: {
  readonly participant: string;
  readonly redisUrl?: string | undefined;
}): SharedTotals {
  const transport =
    options.redisUrl === undefined ? new MemoryTotalsHub().transport() : new RedisTotalsTransport({ url: options.redisUrl });
  return new SynchronisedTotals({ participant: options.participant, transport });
}
