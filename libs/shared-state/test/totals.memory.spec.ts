import { MemoryTotalsHub } from '../src/index.js';
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
