import { backOffMs, HANDLER_BACK_OFF } from './back-off.js';

describe('backOffMs', () => {
  const middle = () => 0.5;

  it('doubles from 200 ms to 10 s and stays there', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 1_000].map((failures) => backOffMs(HANDLER_BACK_OFF, failures, middle));
    expect(waits).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000]);
  });

  it('varies by a fifth at the most', () => {
    expect(backOffMs(HANDLER_BACK_OFF, 1, () => 0)).toBe(160);
    expect(backOffMs(HANDLER_BACK_OFF, 1, () => 1)).toBe(240);
  });
});
