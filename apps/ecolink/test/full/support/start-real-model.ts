import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface RealModel {
  readonly url: string;
  close(): Promise<void>;
}

const SERVE_FILE = fileURLToPath(new URL('../../../../../tools/real-model/serve.mjs', import.meta.url));
const ERROR_TAIL_CHARACTERS = 2_000;

/** Starts `npm run real-model` on a free port; the first time it fetches the engine and the weights. Ends with this process. */
export async function startRealModel(modelName: string, apiKey: string, more: readonly string[] = []): Promise<RealModel> {
  const args = [SERVE_FILE, '--port', '0', '--model-name', modelName, '--api-key', apiKey, '--parent-pipe', ...more];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints = (complaints + chunk.toString('utf8')).slice(-ERROR_TAIL_CHARACTERS)));
  const exited = once(child, 'close');
  const line = await Promise.race([once(createInterface(child.stdout), 'line'), exited]);
  if (child.exitCode !== null) throw new Error(`the real model could not be started:\n${complaints}`);
  const { url } = JSON.parse(line[0]) as { url: string };
  return {
    url,
    async close() {
      child.stdin.end();
      await exited;
    },
  };
}
