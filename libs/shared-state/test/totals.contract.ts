import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@ecolink/testing';
import { SynchronisedTotals, type TotalsTransport } from '../src/index.js';

export interface TotalsEnvironment {
  /** As a process of its own would have it. */
  createTransport(): TotalsTransport;
  /** Takes away everything that the engine keeps, as an emptied server. */
  empty(): Promise<void>;
  close(): Promise<void>;
}

const SYNC_MS = 20;
const PATIENCE_MS = 45_000;
const TEST_TIMEOUT_MS = 240_000;

/** The promises of shared totals. Every engine is held to the same ones. */
export function totalsContract(setUp: () => Promise<TotalsEnvironment>): void {
  let environment: TotalsEnvironment;
  let started: SynchronisedTotals[] = [];

  beforeAll(async () => {
    environment = await setUp();
  }, TEST_TIMEOUT_MS);
  afterAll(() => environment.close(), TEST_TIMEOUT_MS);
  afterEach(async () => {
    await Promise.all(started.map((totals) => totals.stop()));
    started = [];
  });

  const start = async (participant: string): Promise<SynchronisedTotals> => {
    const totals = new SynchronisedTotals({ participant, transport: environment.createTransport(), syncIntervalMs: SYNC_MS });
    await totals.start();
    started.push(totals);
    return totals;
  };
  const until = (what: string, probe: () => boolean) => waitFor(probe, { timeoutMs: PATIENCE_MS, what });

  it(
    'tells every participant the sum of the others, never its own part',
    async () => {
      const [a, b, c] = [await start('a'), await start('b'), await start('c')];
      a.set('key', 3n);
      b.set('key', 2n ** 80n);
      await until('both sums', () => c.others('key') === 2n ** 80n + 3n && a.others('key') === 2n ** 80n);
      expect([b.others('key'), c.others('nobody')]).toEqual([3n, 0n]);
      await until('three that live', () => [a, b, c].every((totals) => totals.live() === 3));
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'takes values for absolute: said again, changed or taken away they never add up',
    async () => {
      const [a, b] = [await start('a'), await start('b')];
      for (const value of [5n, 5n, 7n, 7n, -4n]) {
        a.set('key', value);
        await until(`the value ${value}`, () => b.others('key') === value);
      }
      a.set('key', 0n);
      await until('nothing', () => b.others('key') === 0n);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'tells one that starts late what the others said before it came',
    async () => {
      const a = await start('a');
      a.set('key', 11n);
      await delay(50 * SYNC_MS);
      const late = await start('late');
      expect(late.others('key')).toBe(11n);
      expect(late.live()).toBe(2);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'says when all the others have heard what was set, and that their parts are as new',
    async () => {
      const [a, b, c] = [await start('a'), await start('b'), await start('c')];
      await until('each other', () => [a, b, c].every((totals) => totals.live() === 3));
      for (let round = 1n; round <= 20n; round += 1n) {
        const message = a.nextMessage();
        a.set('key', round);
        b.set('key', 100n * round);
        c.set('key', 10_000n * round);
        expect(a.acknowledged()).toBeLessThan(message);
        await until('acknowledgement', () => a.acknowledged() >= message);
        expect([a.others('key'), b.others('key') % 10n, c.others('key') % 10n]).toEqual([
          10_100n * round,
          round % 10n,
          round % 10n,
        ]);
      }
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'tells one time to all, whatever their own clocks say',
    async () => {
      const clocks = [0, 300_000, -300_000].map((offMs) => () => Date.now() + offMs);
      const all = clocks.map(
        (now, index) =>
          new SynchronisedTotals({
            participant: `clock-${index}`,
            transport: environment.createTransport(),
            now,
            syncIntervalMs: SYNC_MS,
          }),
      );
      for (const totals of all) await totals.start();
      started.push(...all);
      const times = all.map((totals) => totals.nowMs());
      expect(Math.max(...times) - Math.min(...times)).toBeLessThan(1_000);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'takes one that does not answer for one that has heard nothing, until it is forgotten',
    async () => {
      const a = await start('a');
      const mute = environment.createTransport();
      await mute.open(() => undefined);
      await mute.publish({ from: 'mute', whole: true, values: { key: '1' }, number: 1, run: 'r', seen: {} });
      await until('its part', () => a.others('key') === 1n);
      const message = a.nextMessage();
      a.set('key', 1n);
      await delay(10 * SYNC_MS);
      expect(a.acknowledged()).toBeLessThan(message);
      await until('it to be forgotten', () => a.acknowledged() >= message);
      await mute.close();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'forgets one that leaves at once, and one that is silent after a while',
    async () => {
      const [a, b] = [await start('a'), await start('b')];
      const silent = environment.createTransport();
      await silent.open(() => undefined);
      await silent.publish({ from: 'silent', whole: true, values: { key: '40' } });
      b.set('key', 2n);
      await until('both', () => a.others('key') === 42n);
      await b.stop();
      await until('one gone', () => a.others('key') === 40n && a.live() === 2);
      await until('the other gone', () => a.others('key') === 0n && a.live() === 1);
      await silent.close();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is whole again after the engine lost everything, with nothing counted twice',
    async () => {
      const [a, b] = [await start('a'), await start('b')];
      a.set('key', 5n);
      b.set('key', 6n);
      await until('both', () => a.others('key') === 6n && b.others('key') === 5n);
      await environment.empty();
      await delay(50 * SYNC_MS);
      expect([a.others('key'), b.others('key')]).toEqual([6n, 5n]);
      const late = await start('late');
      await until('the sum for a newcomer', () => late.others('key') === 11n);
    },
    TEST_TIMEOUT_MS,
  );
}
