// Installs Stripe's own mock server into `.tools/stripe-mock/<version>/`, once for each version, and prints the path of the program.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const VERSION = 'v0.203.0';
const DIRECTORY = fileURLToPath(new URL(`../../.tools/stripe-mock/${VERSION}/`, import.meta.url));
const PROGRAM = path.join(DIRECTORY, process.platform === 'win32' ? 'stripe-mock.exe' : 'stripe-mock');
const ERROR_TAIL_CHARACTERS = 1_500;
const TIMEOUT_MS = 10 * 60_000;

/** Builds in a directory of its own that is renamed at the end: an interrupted run never leaves half of a program. */
async function install() {
  const draft = `${path.resolve(DIRECTORY)}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  try {
    await run('go', ['install', `github.com/stripe/stripe-mock@${VERSION}`], { ...process.env, GOBIN: draft });
    if (!existsSync(DIRECTORY)) renameSync(draft, DIRECTORY);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Runs a command to its end; its output is shown only in the error. */
function run(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: TIMEOUT_MS });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => (output = (output + chunk).slice(-ERROR_TAIL_CHARACTERS)));
    child.once('error', (error) => {
      const missing = 'stripe-mock is a Go program and go is not in the PATH: install Go 1.22 or newer (https://go.dev/dl)';
      reject(error.code === 'ENOENT' ? new Error(missing) : error);
    });
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ${args.join(' ')} failed:\n${output.trim()}`));
    });
  });
}

if (!existsSync(PROGRAM)) {
  try {
    await install();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
console.log(PROGRAM);
