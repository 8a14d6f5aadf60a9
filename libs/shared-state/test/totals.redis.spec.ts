import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@ecolink/testing';
import { Redis } from 'ioredis';
import { RedisTotalsTransport, SynchronisedTotals } from '../src/index.js';
import { type RedisServer, startRedis } from './redis-server.js';
import { totalsContract } from './totals.contract.js';

const SYNC_MS = 20;
const PATIENCE_MS = 15_000;
const TEST_TIMEOUT_MS = 60_000;
/** Installs the server where there is none. */
const START_TIMEOUT_MS = 180_000;

let directory: string;
let server: RedisServer;
let started: SynchronisedTotals[] = [];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'ecolink-redis-'));
  server = await startRedis({ dataDir: directory });
}, START_TIMEOUT_MS);

afterAll(async () => {
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

afterEach(async () => {
  await Promise.all(started.map((totals) => totals.stop()));
  started = [];
});

describe('totals over Redis', () => {
  totalsContract(() => {
    const admin = new Redis(server.url);
    return Promise.resolve({
      createTransport: () => new RedisTotalsTransport({ url: server.url }),
      empty: () => admin.flushall().then(() => undefined),
      close: () => admin.quit().then(() => undefined),
    });
  });
});

describe('totals whose Redis', () => {
  const pair = async (): Promise<[SynchronisedTotals, SynchronisedTotals]> => {
    const [a, b] = ['a', 'b'].map(
      (participant) =>
        new SynchronisedTotals({
          participant,
          transport: new RedisTotalsTransport({ url: server.url, prefix: 'faults' }),
          syncIntervalMs: SYNC_MS,
        }),
    ) as [SynchronisedTotals, SynchronisedTotals];
    started.push(a, b);
    await Promise.all([a.start(), b.start()]);
    a.set('key', 5n);
    b.set('key', 6n);
    await until('both', () => a.others('key') === 6n && b.others('key') === 5n);
    return [a, b];
  };
  const until = (what: string, probe: () => boolean) => waitFor(probe, { timeoutMs: PATIENCE_MS, what });

  it(
    'is killed and comes back go on with what they heard last, say so, and then hear each other again',
    async () => {
      const [a, b] = await pair();
      process.kill(server.pid, 'SIGKILL');
      await until('the loss to be noticed', () => !a.hearsOthers() && !b.hearsOthers());
      expect(a.degradation()).toContain('other routers cannot be heard');
      const acknowledged = a.acknowledged();
      a.set('key', 50n);
      await delay(20 * SYNC_MS);
      expect([a.others('key'), b.others('key'), a.live(), a.acknowledged()]).toEqual([6n, 5n, 2, acknowledged]);
      server = await startRedis({ dataDir: directory });
      await until('each other', () => b.others('key') === 50n && a.others('key') === 6n && a.hearsOthers() && b.hearsOthers());
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is there and silent notice that as well',
    async () => {
      const [a, b] = await pair();
      process.kill(server.pid, 'SIGSTOP');
      try {
        await until('the silence to be noticed', () => !a.hearsOthers());
        expect(a.others('key')).toBe(6n);
      } finally {
        process.kill(server.pid, 'SIGCONT');
      }
      a.set('key', 7n);
      await until('each other', () => a.hearsOthers() && b.others('key') === 7n);
    },
    TEST_TIMEOUT_MS,
  );
});
