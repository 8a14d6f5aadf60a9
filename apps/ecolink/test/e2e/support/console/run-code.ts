import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Below the workspace, so that the official client is found as it is in a customer's project. */
const BELOW = fileURLToPath(new URL('../../../../', import.meta.url));
const TIMEOUT_MS = 60_000;
const run = promisify(execFile);

/** What a shell command writes, as pasted into a terminal. */
export async function runShell(code: string, key: string): Promise<string> {
  const { stdout } = await run('bash', ['-ec', code], { env: { ...process.env, ECOLINK_API_KEY: key }, timeout: TIMEOUT_MS });
  return stdout;
}

/** What a TypeScript file writes, as Node runs it. */
export async function runTypeScript(code: string, key: string): Promise<string> {
  const folder = await mkdtemp(path.join(BELOW, '.pasted-'));
  try {
    const file = path.join(folder, 'pasted.mts');
    await writeFile(file, code);
    const env = { ...process.env, NODE_OPTIONS: '', ECOLINK_API_KEY: key };
    const { stdout } = await run(process.execPath, [file], { env, timeout: TIMEOUT_MS });
    return stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
