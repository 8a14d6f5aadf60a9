import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** How the checks of a client went, by name: undefined where it passed, else what it says. */
export type ClientReport = ReadonlyMap<string, string | undefined>;

export interface ClientRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Does what a check asks for. */
  readonly onAsk: (what: string) => void;
}

const INSTALL_FILE = fileURLToPath(new URL('../../../../../tools/clients/install.mjs', import.meta.url));

/** Where the Node clients' scripts stand, and the Python of the others; the first time they are fetched. */
export async function installClients(): Promise<{ nodeDirectory: string; python: string }> {
  const { stdout } = await promisify(execFile)(process.execPath, [INSTALL_FILE]);
  return JSON.parse(stdout) as { nodeDirectory: string; python: string };
}

const ERROR_TAIL_CHARACTERS = 2_000;
const TIMEOUT_MS = 5 * 60_000;

/** Runs a script of checks to its end. Rejects where it ends otherwise than by running all of them. */
export async function runClient({ command, args, env, onAsk }: ClientRun): Promise<ClientReport> {
  const child = spawn(command, args, { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints = (complaints + chunk.toString('utf8')).slice(-ERROR_TAIL_CHARACTERS)));
  const report = new Map<string, string | undefined>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const told = JSON.parse(line) as { check?: string; ok?: boolean; error?: string; ask?: string };
    if (told.check !== undefined) report.set(told.check, told.ok === true ? undefined : (told.error ?? 'it failed'));
    if (told.ask === undefined) return;
    onAsk(told.ask);
    child.stdin.write('done\n');
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearTimeout(timer);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${String(code)}:\n${complaints}`);
  return report;
}
