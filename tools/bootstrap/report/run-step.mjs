import { spawn } from 'node:child_process';

const graceMs = 10_000;

/**
 * Runs a command with this process's output and resolves, never rejects, to `{ problem }`: undefined when it exited
 * with 0, else what went wrong. The command gets a process group, so that nothing it started outlives the step.
 */
export function runStep({ command, args, cwd, env, timeoutMs, signal }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
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

function killGroup(pid, signal) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH' && error.code !== 'EPERM') throw error;
  }
}
