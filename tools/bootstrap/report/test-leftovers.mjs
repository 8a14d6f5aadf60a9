// What a test run starts and must not leave behind: its PostgreSQL, and processes that a step forgot. Plain Node >= 20.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const PREFIX = `ecolink-test-postgres-${process.getuid?.() ?? 0}-`;
const STOP_TIMEOUT_MS = 20_000;
const POLL_MS = 50;
/** What a step ended may take so long to be gone. */
const GRACE_MS = 3_000;
/** Every process of a run inherits it, whatever group or session it made for itself. */
const MARK = 'TEST_RUN_OF_PID';

/** The folder of this run's PostgreSQL, and the environment that makes tests use it and marks what they start. */
export function testRun({ folder = tmpdir(), pid = process.pid } = {}) {
  const postgresDirectory = join(folder, `${PREFIX}${pid}`);
  mkdirSync(postgresDirectory, { recursive: true, mode: 0o700 });
  return {
    postgresDirectory,
    env: { ECOLINK_TEST_POSTGRES_DIR: postgresDirectory, [MARK]: String(pid) },
    mark: `${MARK}=${pid}`,
  };
}

/** Ends the PostgreSQL of runs whose own process is gone, and removes their folders. Returns how many there were. */
export async function endEarlierRuns({ folder = tmpdir() } = {}) {
  const left = readdirSync(folder)
    .filter((name) => name.startsWith(PREFIX) && !isAlive(Number(name.slice(PREFIX.length))))
    .map((name) => join(folder, name));
  for (const directory of left) await endPostgres(directory);
  return left.length;
}

/** Stops the PostgreSQL whose data are in `directory`, if it runs, and removes the directory. */
export async function endPostgres(directory) {
  const file = join(directory, 'data', 'postmaster.pid');
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0;
  if (isPostgresOf(pid, directory)) {
    process.kill(pid, 'SIGINT');
    if (!(await isGone(pid, STOP_TIMEOUT_MS))) process.kill(pid, 'SIGQUIT');
    await isGone(pid, STOP_TIMEOUT_MS);
  }
  rmSync(directory, { recursive: true, force: true });
}

/**
 * Ends what a step started and left running, the run's PostgreSQL apart. Returns their command lines. Linux only: elsewhere
 * nothing says which processes belong to a run.
 */
export async function endLeftProcesses({ mark, postgresDirectory }) {
  if (!existsSync('/proc/self/environ')) return [];
  const endsAt = Date.now() + GRACE_MS;
  let left = leftProcesses(mark, postgresDirectory);
  while (left.length > 0 && Date.now() < endsAt) {
    await delay(POLL_MS);
    left = leftProcesses(mark, postgresDirectory);
  }
  for (const { pid } of left) kill(pid, 'SIGKILL');
  return left.map(({ pid, command }) => `${pid} ${command}`);
}

function leftProcesses(mark, postgresDirectory) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => read(`/proc/${name}/environ`).split('\0').includes(mark))
    .map((name) => ({ pid: Number(name), command: read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim() }))
    .filter(
      ({ pid, command }) =>
        command !== '' && !isPostgresOf(pid, postgresDirectory) && !isPostgresOf(parentOf(pid), postgresDirectory),
    );
}

/** A pid may belong to another process by now: the command line names the data that a server works on. */
function isPostgresOf(pid, directory) {
  if (!(pid > 0) || !isAlive(pid)) return false;
  if (!existsSync('/proc/self/cmdline')) return true;
  return read(`/proc/${pid}/cmdline`).split('\0').includes(join(directory, 'data'));
}

function parentOf(pid) {
  const stat = read(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

async function isGone(pid, timeoutMs) {
  const endsAt = Date.now() + timeoutMs;
  while (isAlive(pid) && Date.now() < endsAt) await delay(POLL_MS);
  return !isAlive(pid);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended meanwhile.
  }
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
