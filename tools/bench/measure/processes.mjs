import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PROCESSES = fileURLToPath(new URL('../processes/', import.meta.url));
/** A router with a million keys takes its time. */
const READY_TIMEOUT_MS = 180_000;
const MS_PER_TICK = 10;
const PAGE_BYTES = 4_096;
const KIB = 1_024;

/**
 * Starts one of `processes/` and waits for what it says when it is ready. It ends when this process does.
 * @returns {Promise<{ pid: number, ready: any, stop(): Promise<void> }>}
 */
export async function startProcess(name, settings = {}, nodeOptions = []) {
  const child = spawn(process.execPath, [...nodeOptions, path.join(PROCESSES, `${name}.mjs`), JSON.stringify(settings)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ready = await readyLine(name, child);
  return { pid: child.pid, ready, liveBytes: () => askLiveBytes(name, child), stop: () => end(child) };
}

/** Bytes on the heap and beside it after a full collection; needs `--expose-gc`. */
async function askLiveBytes(name, child) {
  const answer = readyLine(name, child);
  child.stdin.write('\n');
  return (await answer).live_bytes;
}

/** The next line on standard output, as JSON. */
function readyLine(name, child) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${name} was not ready in time`)), READY_TIMEOUT_MS);
    let text = '';
    const ended = (code, signal) => reject(new Error(`${name} ended with ${code ?? signal}`));
    const onData = (chunk) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end === -1) return;
      clearTimeout(late);
      child.stdout.off('data', onData);
      child.off('exit', ended);
      resolve(JSON.parse(text.slice(0, end)));
    };
    child.stdout.on('data', onData);
    child.once('exit', ended);
  });
}

export function end(child) {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

/** A process and all that it started. */
export function processTree(pid) {
  const parents = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(name);
    if (stat !== undefined) parents.set(Number(name), Number(stat[1]));
  }
  const tree = [pid];
  for (const one of tree) for (const [child, parent] of parents) if (parent === one) tree.push(child);
  return tree;
}

/** Milliseconds of processor time, user and system, that these processes have used so far. */
export function cpuMs(pids) {
  return pids.reduce((sum, pid) => {
    const stat = statOf(pid);
    return sum + (stat === undefined ? 0 : (Number(stat[11]) + Number(stat[12])) * MS_PER_TICK);
  }, 0);
}

/** Bytes that a process holds in memory. */
export function residentBytes(pid) {
  return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;
}

/** Bytes that a process holds in memory, what it shares with others divided among them; 0 for one that is gone. */
export function proportionalBytes(pid) {
  try {
    return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * KIB;
  } catch {
    return 0;
  }
}

/** The words of a process's command line; empty for one that is gone. */
export function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** The fields of /proc/<pid>/stat from the state on. */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
