import { newId } from './ids.js';

/** Around a change of the high digits, which are remembered from id to id. */
const TIMES = [0, 0xff_ff_ff, 0x1_00_00_00, 1_790_000_000_000, 1_790_000_000_001, 0xff_ff_ff, 0xff_ff_ff_ff_ff_ff];

describe('newId', () => {
  it('holds the milliseconds and 80 random bits in hexadecimal', () => {
    for (const ms of TIMES) {
      const id = newId('evt', ms);
      expect(id).toMatch(/^evt_[0-9a-f]{32}$/);
      expect(Number.parseInt(id.slice(4, 16), 16)).toBe(ms);
    }
  });

  it('sorts ids by their time and never makes one twice', () => {
    const ids = Array.from({ length: 2_000 }, (_, index) => newId('req', 1_790_000_000_000 + index));
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids.map((id) => id.slice(-20))).size).toBe(ids.length);
  });
});
