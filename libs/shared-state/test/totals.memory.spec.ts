import { MemoryTotalsHub, SynchronisedTotals } from '../src/index.js';
import { totalsContract } from './totals.contract.js';

describe('totals over memory', () => {
  totalsContract(() => {
    let hub = new MemoryTotalsHub();
    return Promise.resolve({
      createTransport: () => hub.transport(),
      empty: () => {
        hub.forgetKept();
        return Promise.resolve();
      },
      close: () => {
        hub = new MemoryTotalsHub();
        return Promise.resolve();
      },
    });
  });
});

describe('totals over a server that does not tell its time', () => {
  it('go on by their own clock, and hear each other', async () => {
    const hub = new MemoryTotalsHub();
    const [a, b] = ['a', 'b'].map((participant) => {
      const transport = { ...hub.transport(), time: () => Promise.reject(new Error('not allowed')) };
      return new SynchronisedTotals({ participant, transport, now: () => 1_000 });
    }) as [SynchronisedTotals, SynchronisedTotals];
    await a.start();
    await b.start();
    a.set('key', 3n);
    await a.synchronise();
    expect([a.hearsOthers(), b.others('key'), a.nowMs()]).toEqual([true, 3n, 1_000]);
    await Promise.all([a.stop(), b.stop()]);
  });
});
