import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { waitFor } from '@ecolink/testing';
import { LeftPods } from './left-pods.js';
import { PodDirectory } from './pod-directory.js';
import { startTimeOf } from './running-process.js';

let directory = '';
let child: ReturnType<typeof spawn>;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'ecolink-left-'));
  child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  await new Promise((resolve) => child.once('spawn', resolve));
});

afterEach(async () => {
  child.kill('SIGKILL');
  await rm(directory, { recursive: true, force: true });
});

/** A record of the living child, as an earlier life of the gateway would have left it. */
async function leave(startTime: string): Promise<void> {
  const files = new PodDirectory(path.join(directory, 'pod_1'));
  await files.create();
  const pid = child.pid ?? 0;
  await files.save({
    ...{ pod_id: 'pod_1', instance_id: 5, signature: 'same', pid, start_time: startTime, port: 1, api_key: 'k', gpu_indices: [] },
  });
}

const startTime = async () => (await startTimeOf(child.pid ?? 0)) ?? '';
const isGone = () => child.exitCode !== null || child.signalCode !== null;

describe('what an earlier life of the gateway left', () => {
  it('is taken over by its pid and start time, once, and only by the instance that runs the same', async () => {
    await leave(await startTime());
    const left = new LeftPods(directory);
    expect(await left.take(6, 'same', 1)).toEqual([]);
    expect(await left.take(5, 'other', 1)).toEqual([]);
    expect(await left.take(5, 'same', 1)).toMatchObject([{ pod_id: 'pod_1', pid: child.pid }]);
    expect(await left.take(5, 'same', 1)).toEqual([]);
    await left.endAll();
    expect(isGone()).toBe(false);
  });

  it('is ended with its files where nothing wants it', async () => {
    await leave(await startTime());
    await new LeftPods(directory).endAll();
    await waitFor(isGone, { timeoutMs: 20_000, what: 'the process to end' });
    expect(await readdir(directory)).toEqual([]);
  });

  it('is neither taken nor ended where the number belongs to another process by now', async () => {
    await leave(`${await startTime()}0`);
    const left = new LeftPods(directory);
    expect(await left.take(5, 'same', 1)).toEqual([]);
    await left.endAll();
    expect(isGone()).toBe(false);
    expect(await startTimeOf(child.pid ?? 0)).toBeDefined();
    expect(await readdir(directory)).toEqual([]);
  });
});
