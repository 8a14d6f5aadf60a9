import { OptionError } from './options/option-error.js';
import type { CommandLine } from './options/parse-command-line.js';
import { parseCommandLine, USAGE } from './options/parse-command-line.js';
import type { ModelSimulator } from './server/start-model-simulator.js';
import { startModelSimulator } from './server/start-model-simulator.js';

const EXIT_BAD_OPTION = 2;
const EXIT_INTERRUPTED = 130;

async function main(): Promise<void> {
  if (process.argv[2] === 'host') {
    const { runHost } = await import('./host/run-host.js');
    await runHost(process.argv.slice(3));
    process.exit(0);
  }
  const commandLine = parseCommandLine(process.argv.slice(2), process.env['MODEL_SIMULATOR_API_KEY']);
  if (commandLine === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  if (commandLine.parentPipe) exitWithParent();
  // A simulator that refuses connections has no open handle of its own and would end.
  const keepAlive = setInterval(() => undefined, 3_600_000);
  const simulator = await startModelSimulator(commandLine.settings);
  obeySignals(simulator, commandLine, keepAlive);
  process.stdout.write(`${JSON.stringify({ event: 'listening', port: simulator.port, pid: process.pid })}\n`);
}

/** The kernel closes the pipe even when the parent is killed with -9. */
function exitWithParent(): void {
  const exit = () => process.exit(0);
  process.stdin.once('end', exit).once('close', exit).once('error', exit).resume();
}

function obeySignals(simulator: ModelSimulator, { drainMs, parentPipe }: CommandLine, keepAlive: NodeJS.Timeout): void {
  let draining = false;
  const drain = async () => {
    if (draining) return;
    draining = true;
    const requestsCut = await simulator.drain(drainMs);
    clearInterval(keepAlive);
    process.stderr.write(`${JSON.stringify({ event: 'drained', requests_cut: requestsCut })}\n`, () => process.exit(0));
  };
  process.on('SIGTERM', () => void drain());
  process.on('SIGINT', () => {
    // Ctrl-C reaches the whole process group; a child leaves it to its parent to decide what ends when.
    if (parentPipe) return;
    if (draining) process.exit(EXIT_INTERRUPTED);
    void drain();
  });
}

// A parent that stopped reading is no reason to end; losing it is noticed on stdin.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`model-simulator: ${message}\n`);
  process.exit(error instanceof OptionError ? EXIT_BAD_OPTION : 1);
});
