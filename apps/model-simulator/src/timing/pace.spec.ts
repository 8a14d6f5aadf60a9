import { startPace } from './pace.js';

describe('startPace', () => {
  it('never sends a token before it is due, and a late one does not delay those after it', async () => {
    const tookMs: number[] = [];
    // A machine that is busy for a moment has its say in one try, not in all.
    while (tookMs.length < 5 && !tookMs.some((ms) => ms < 40)) {
      const startedAt = performance.now();
      const due = startPace({ ttftMs: 20, tokensPerSecond: 200, signal: new AbortController().signal });
      await due(0);
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(20);
      const busyUntil = startedAt + 80;
      while (performance.now() < busyUntil);
      // Tokens 1 to 11 are overdue now: none of them waits again.
      const before = performance.now();
      for (let index = 1; index <= 11; index += 1) await due(index);
      tookMs.push(performance.now() - before);
      await due(20);
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(120);
    }
    expect(Math.min(...tookMs)).toBeLessThan(40);
  });

  it('stops waiting at once when aborted', async () => {
    const abort = new AbortController();
    const waiting = startPace({ ttftMs: 60_000, tokensPerSecond: 1, signal: abort.signal })(0);
    abort.abort();
    await waiting;
  });
});
