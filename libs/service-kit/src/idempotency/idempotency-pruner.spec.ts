import { IdempotencyPruner } from './idempotency-pruner.js';
import type { IdempotencyStore } from './idempotency-store.js';

function storeOf(prune: () => Promise<number>): IdempotencyStore {
  const unused = (): never => {
    throw new Error('not asked for');
  };
  return { claim: unused, complete: unused, release: unused, prune };
}

describe('IdempotencyPruner', () => {
  it('goes on while batches are full, and stops at the first that is not', async () => {
    const deleted = [1_000, 1_000, 3];
    await new IdempotencyPruner(storeOf(() => Promise.resolve(deleted.shift() ?? 0))).prune();
    expect(deleted).toEqual([]);
  });

  it('stops after a bounded number of batches, however much is left', async () => {
    let batches = 0;
    const endless = () => {
      batches += 1;
      return Promise.resolve(1_000);
    };
    await new IdempotencyPruner(storeOf(endless)).prune();
    expect(batches).toBe(50);
  });

  it('leaves a failure to the next round', async () => {
    await new IdempotencyPruner(storeOf(() => Promise.reject(new Error('down')))).prune();
  });
});
