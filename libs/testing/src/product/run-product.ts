import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface ProductProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What it wrote to both outputs so far. */
  output(): string;
  /** Resolves with what it ended with. */
  readonly exited: Promise<ProductExit>;
}

export interface ProductExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const MAIN_FILE = fileURLToPath(new URL('../../../../apps/ecolink/dist/main.js', import.meta.url));
/** The same that `npm start` uses. */
const COMPILE_CACHE = fileURLToPath(new URL('../../../../.tools/compile-cache', import.meta.url));
const OUTPUT_CHARACTERS_MAX = 100_000;

/** Runs the built product with these arguments, as `npm start` does: a pipe that closes with this process ends it. */
export function runProduct(args: readonly string[], environment: Readonly<Record<string, string>> = {}): ProductProcess {
  if (!existsSync(MAIN_FILE)) throw new Error(`the product is not built: ${MAIN_FILE} is missing; run npm run build`);
  const child = spawn(process.execPath, ['--enable-source-maps', MAIN_FILE, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...ordinaryEnvironment(), NODE_COMPILE_CACHE: COMPILE_CACHE, ...environment, ECOLINK_PARENT_PIPE: '3' },
  });
  if (child.pid === undefined) throw new Error('the product could not be started');
  let text = '';
  const keep = (chunk: Buffer): void => {
    text = (text + chunk.toString('utf8')).slice(-OUTPUT_CHARACTERS_MAX);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code, signal });
    });
  });
  return { child, pid: child.pid, output: () => text, exited };
}

/** Without what a developer's shell or the test runner set for themselves. */
function ordinaryEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(ECOLINK_|NODE_OPTIONS$|NODE_ENV$|JEST_|LOG_|DATABASE_URL$|KAFKA_BROKERS$|REDIS_URL$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}
