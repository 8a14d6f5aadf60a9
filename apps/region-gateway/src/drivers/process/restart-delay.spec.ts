import { restartDelayMs } from './restart-delay.js';

describe('a process that dies again and again', () => {
  it('is left alone for twice as long each time, up to half a minute', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9, 1_000].map(restartDelayMs)).toEqual([
      ...[250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000],
    ]);
  });
});
