export * from './file-cache.js';
export * from './projection.js';
export * from './totals/create-totals.js';
export { MemoryTotalsHub } from './totals/memory-transport.js';
export { RedisTotalsTransport } from './totals/redis-transport.js';
export { type SharedTotals, SynchronisedTotals, type TotalsTransport } from './totals/shared-totals.js';
