// The processes of the bed; each says on its first line of output that it is ready, and ends when its input does.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const START_TIMEOUT_MS = 120_000;

/** Starts a program, by its path from `tools`. @returns what it said when it was ready, and how to end it. */
export async function start(program, settings) {
  const file = fileURLToPath(new URL(`../${program}`, import.meta.url));
  const child = spawn(process.execPath, [file, JSON.stringify(settings)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
  const first = await Promise.race([once(lines, 'line'), once(child, 'exit')]);
  clearTimeout(timer);
  if (child.exitCode !== null) throw new Error(`${program} ended before it was ready`);
  return {
    ready: JSON.parse(first[0]),
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
