import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createLogger, openRotatingLog } from '@ecolink/runtime';
import { HELP, parseCommandLine, type StartOptions } from './options.js';
import { ChildRole } from './supervise/child-role.js';
import { openDataDirectory } from './supervise/data-directory.js';
import { logFileOf } from './supervise/log-files.js';
import type { DataPlaneRoles } from './supervise/run-product.js';
import { Shutdown } from './supervise/shutdown.js';

const EXIT_USAGE = 2;
const EXIT_FORCED = 130;
/** One Ctrl-C arrives up to three times: from the terminal, from npm, and from the script between. */
const SAME_SIGNAL_MS = 1_000;

const say = (text: string): void => void process.stderr.write(`» ${text}\n`);

// Each process loads its own part only: a router that also loads billing weighs twice as much and starts half as fast.
if (process.argv[2] === '--role') {
  const { runRole } = await import('./roles/run-role.js');
  await runRole();
} else {
  const parsed = parseCommandLine(process.argv.slice(2), process.env);
  switch (parsed.kind) {
    case 'help':
      process.stdout.write(`${HELP}\n`);
      break;
    case 'error':
      process.stderr.write(`${parsed.message}\n\n${HELP}\n`);
      process.exitCode = EXIT_USAGE;
      break;
    case 'start':
      await start(parsed.options);
  }
}

async function start(options: StartOptions): Promise<void> {
  const closeDataDirectory = await openDataDirectory(options).catch((error: unknown) => {
    sayNotStarted(error);
    process.exit(1);
  });
  if (process.env['LOG_FILE'] === undefined) await openRotatingLog({ file: logFileOf(options.dataDirectory, 'ecolink') });
  const shutdown = new Shutdown(createLogger('ecolink'));
  shutdown.add('data directory', () => Promise.resolve(closeDataDirectory()));
  listenForTheEnd(shutdown);
  try {
    const children = dataPlaneRoles();
    const { runProduct } = await import('./supervise/run-product.js');
    await runProduct(options, children, say, shutdown);
  } catch (error) {
    if (!shutdown.begun) sayNotStarted(error);
    await shutdown.run();
    process.exit(1);
  }
}

function sayNotStarted(error: unknown): void {
  process.stderr.write(`EcoLink could not start: ${error instanceof Error ? error.message : String(error)}\n`);
}

/** They load their code while this process loads its own. */
function dataPlaneRoles(): DataPlaneRoles {
  const onDeath = (role: string, code: number | null, signal: NodeJS.Signals | null): void => {
    say(`the ${role} process ended (${String(signal ?? code)}); starting it again`);
  };
  const mainFile = fileURLToPath(import.meta.url);
  const gateways = new ChildRole(mainFile, 'gateways', onDeath);
  const router = new ChildRole(mainFile, 'router', onDeath);
  gateways.warmUp();
  router.warmUp();
  return { gateways, router };
}

/** Ctrl-C and SIGTERM drain and end; a second one ends at once. A parent that vanished counts as the first. */
function listenForTheEnd(shutdown: Shutdown): void {
  let begunAtMs = 0;
  const end = (): void => {
    if (shutdown.begun) {
      if (Date.now() - begunAtMs > SAME_SIGNAL_MS) process.exit(EXIT_FORCED);
      return;
    }
    begunAtMs = Date.now();
    say('finishing calls in flight; once more to stop at once…');
    void shutdown.run().then((ok) => process.exit(ok ? 0 : 1));
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  const pipe = process.env['ECOLINK_PARENT_PIPE'];
  if (pipe === undefined) return;
  const stream = new Socket({ fd: Number(pipe), readable: true, writable: false });
  const onGone = (): void => {
    if (!shutdown.begun) end();
  };
  stream.on('close', onGone);
  stream.on('error', onGone);
  stream.resume();
}
