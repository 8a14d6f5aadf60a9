import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { waitFor } from '@ecolink/testing';
import { endEarlierRuns, endLeftProcesses, endPostgres, testRun } from './test-leftovers.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'ecolink-leftovers-'));
/** No process has it: Linux gives none above 4,194,304. */
const DEAD_PID = 2_000_000_000;

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A process that names the data it works on, as PostgreSQL does, and ends by SIGINT. */
function fakeServer(directory: string, env: Readonly<Record<string, string>> = {}): number {
  const data = path.join(directory, 'data');
  mkdirSync(data, { recursive: true });
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1e6)', data], {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, ...env },
  });
  const pid = child.pid ?? 0;
  writeFileSync(path.join(data, 'postmaster.pid'), `${pid}\n`);
  return pid;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a test run', () => {
  it('ends its PostgreSQL and removes its data', async () => {
    const { postgresDirectory } = testRun({ folder });
    const pid = fakeServer(postgresDirectory);
    await endPostgres(postgresDirectory);
    await waitFor(() => !isAlive(pid), { timeoutMs: 10_000 });
    expect(existsSync(postgresDirectory)).toBe(false);
  });

  it('ends what killed runs left, and spares what a living one uses', async () => {
    const dead = testRun({ folder, pid: DEAD_PID });
    const living = testRun({ folder });
    const [left, used] = [fakeServer(dead.postgresDirectory), fakeServer(living.postgresDirectory)];
    expect(await endEarlierRuns({ folder })).toBe(1);
    await waitFor(() => !isAlive(left), { timeoutMs: 10_000 });
    expect([existsSync(dead.postgresDirectory), existsSync(living.postgresDirectory), isAlive(used)]).toEqual([
      false,
      true,
      true,
    ]);
    await endPostgres(living.postgresDirectory);
  });

  it('finds and ends processes that a step left, whatever group they made, but not its own PostgreSQL', async () => {
    const run = testRun({ folder, pid: DEAD_PID });
    const server = fakeServer(run.postgresDirectory, run.env);
    const forgotten = fakeServer(path.join(folder, 'other'), run.env);
    const left = await endLeftProcesses(run);
    expect(left.map((line) => Number(line.split(' ')[0]))).toEqual([forgotten]);
    await waitFor(() => !isAlive(forgotten), { timeoutMs: 10_000 });
    expect(isAlive(server)).toBe(true);
    await endPostgres(run.postgresDirectory);
  });
});
