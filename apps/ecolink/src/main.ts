import { mkdirSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLogger } from '@ecolink/service-kit';
import { HELP, parseCommandLine, type StartOptions } from './options.js';
import { runRole } from './roles/run-role.js';
import { runProduct } from './supervise/run-product.js';
import { Shutdown } from './supervise/shutdown.js';

const EXIT_USAGE = 2;
const EXIT_FORCED = 130;
/** One Ctrl-C arrives up to three times: from the terminal, from npm, and from the script between. */
const SAME_SIGNAL_MS = 1_000;

const say = (text: string): void => void process.stderr.write(`» ${text}\n`);

if (process.argv[2] === '--role') {
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
  mkdirSync(options.dataDirectory, { recursive: true, mode: 0o700 });
  process.env['LOG_FILE'] ??= path.join(options.dataDirectory, 'ecolink.log');
  const shutdown = new Shutdown(createLogger('ecolink'));
  listenForTheEnd(shutdown);
  try {
    await runProduct(options, fileURLToPath(import.meta.url), say, shutdown);
  } catch (error) {
    if (!shutdown.begun)
      process.stderr.write(`EcoLink could not start: ${error instanceof Error ? error.message : String(error)}\n`);
    await shutdown.run();
    process.exit(1);
  }
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
