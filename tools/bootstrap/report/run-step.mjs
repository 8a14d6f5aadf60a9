import { spawn } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

const graceMs = 10_000;

/**
 * Runs a command and resolves, never rejects, to `{ problem }`: undefined when it exited with 0, else what went wrong. The
 * command gets a process group, so that nothing it started outlives the step. It has this process's output; with an
 * `outputFile` it writes there instead, and gives way to everything else on the machine.
 */
export function runStep({ command, args, cwd, env, timeoutMs, signal, outputFile }) {
  return new Promise((resolve) => {
    let child;
    try {
      child = start({ command, args, cwd, env, outputFile });
    } catch (error) {
      return resolve({ problem: `could not be started: ${error.message}` });
    }
    let stopReason;
    let killer;
    const stop = (reason) => {
      stopReason ??= reason;
      killGroup(child.pid, 'SIGTERM');
      killer ??= setTimeout(() => killGroup(child.pid, 'SIGKILL'), graceMs);
    };
    const cancel = () => stop(`cancelled by ${signal.reason}`);
    const deadline = setTimeout(() => stop(`still running after ${timeoutMs / 1000} s`), timeoutMs);
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });

    const finish = (problem) => {
      clearTimeout(deadline);
      clearTimeout(killer);
      signal.removeEventListener('abort', cancel);
      killGroup(child.pid, 'SIGTERM');
      resolve({ problem: stopReason ?? problem });
    };
    child.once('error', (error) => finish(`could not be started: ${error.message}`));
    child.once('exit', (code, killedBy) =>
      finish(killedBy ? `killed by ${killedBy}` : code === 0 ? undefined : `exit code ${code}`),
    );
  });
}

function start({ command, args, cwd, env, outputFile }) {
  if (outputFile === undefined)
    return spawn(command, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  const output = openSync(outputFile, 'a');
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', output, output], detached: true });
  closeSync(output);
  giveWay(child.pid);
  return child;
}

/** Where the system schedules sessions as groups, a process's priority counts in its own group only: the group gets it, too. */
function giveWay(pid) {
  if (pid === undefined) return;
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
    writeFileSync(`/proc/${pid}/autogroup`, String(constants.priority.PRIORITY_BELOW_NORMAL));
  } catch {
    // It ended at once, or the system has no such groups.
  }
}

function killGroup(pid, signal) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH' && error.code !== 'EPERM') throw error;
  }
}
