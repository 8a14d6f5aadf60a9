import { SingleRouterTotals } from './single-router-totals.js';
import { RedisTotalsTransport } from './redis-transport.js';
import { type SharedTotals, SynchronisedTotals } from './shared-totals.js';

/** Totals over Redis where a URL is given, otherwise of this participant alone. */
export function createSharedTotals(options: {
  readonly participant: string;
  readonly redisUrl?: string | undefined;
}): SharedTotals {
  if (options.redisUrl === undefined) return new SingleRouterTotals();
  const transport = new RedisTotalsTransport({ url: options.redisUrl });
  return new SynchronisedTotals({ participant: options.participant, transport });
}
