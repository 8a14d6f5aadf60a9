import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitFor } from '@ecolink/testing';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const START_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 20_000;

// A product that was given is nobody's to stop.
const describeOwn = process.env['ECOLINK_E2E_CREDENTIALS'] === undefined ? describe : describe.skip;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'ecolink npm start '));
});

afterEach(async () => {
  for (const pid of processesOf(directory)) process.kill(pid, 'SIGKILL');
  await rm(directory, { recursive: true, force: true });
});

/** `npm start` as a shell runs it in the foreground: a process group of its own. */
async function npmStart(): Promise<ChildProcess> {
  const npm = spawn('npm', ['start', '--', '--port', '0', '--admin-port', '0', '--data-dir', directory], {
    cwd: ROOT,
    stdio: 'ignore',
    detached: true,
  });
  await waitFor(() => existsSync(path.join(directory, 'credentials.json')), { timeoutMs: START_TIMEOUT_MS, what: 'npm start' });
  return npm;
}

function processesOf(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => commandLine(pid).includes(folder));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

describeOwn('npm start', () => {
  it(
    'exits with 0 on Ctrl-C, which reaches every process of the terminal, and leaves none',
    async () => {
      const npm = await npmStart();
      const exited = once(npm, 'exit');
      process.kill(-(npm.pid ?? 0), 'SIGINT');
      expect(await exited).toEqual([0, null]);
      expect(processesOf(directory)).toEqual([]);
    },
    START_TIMEOUT_MS + STOP_TIMEOUT_MS,
  );

  it(
    'ends the product when npm itself is killed hard',
    async () => {
      const npm = await npmStart();
      expect(processesOf(directory).length).toBeGreaterThan(0);
      npm.kill('SIGKILL');
      await waitFor(() => processesOf(directory).length === 0, { timeoutMs: STOP_TIMEOUT_MS, what: 'the product to end' });
    },
    START_TIMEOUT_MS + STOP_TIMEOUT_MS,
  );
});
