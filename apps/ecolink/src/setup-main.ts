import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { makeDemo } from './setup/make-demo.js';
import { prepareEngines } from './setup/prepare-engines.js';
import { readDemoEnvironment } from './setup/setup-environment.js';

const USAGE = `setup-main prepare       topics and tables, before the services
setup-main demo          the demo account, its keys, models and instances, after them
setup-main credentials   prints what the demo's user needs`;

/** What a distributed product needs done once, and again after each update. Everything in it can be repeated. */
const COMMANDS: Readonly<Record<string, () => Promise<void>>> = {
  prepare: () => prepareEngines(process.env),
  demo: () => makeDemo(process.env),
  credentials: async () => {
    const { ECOLINK_DATA_DIR: directory } = readDemoEnvironment(process.env);
    process.stdout.write(await readFile(path.join(directory, 'credentials.json'), 'utf8'));
  },
};

try {
  const command = COMMANDS[process.argv[2] ?? ''];
  if (command === undefined) throw new Error(USAGE);
  await command();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
