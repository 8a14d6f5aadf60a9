import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startRedis, stopRedis } from './redis.mjs';

const TIMEOUT_MS = 120_000;

let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'ecolink-redis-'));
});
afterAll(async () => {
  await stopRedis({ dataDir });
  await rm(dataDir, { recursive: true, force: true });
}, TIMEOUT_MS);

function ask(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`));
    socket.once('error', reject);
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString().trim());
    });
  });
}

describe('a Redis of our own', () => {
  it(
    'is used on by a second start, and keeps its port and its data over a stop',
    async () => {
      const first = await startRedis({ dataDir });
      expect(await ask(first.port, 'SET name ecolink')).toBe('+OK');
      const second = await startRedis({ dataDir });
      expect([second.pid, second.port]).toEqual([first.pid, first.port]);
      await second.stop();
      await expect(ask(first.port, 'PING')).rejects.toThrow();
      const third = await startRedis({ dataDir });
      expect(third.port).toBe(first.port);
      expect(await ask(third.port, 'GET name')).toContain('ecolink');
    },
    TIMEOUT_MS,
  );
});
