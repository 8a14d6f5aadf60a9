// Installs the clients of the long tests into `.tools/clients/`, each set once for the versions that its lock file names, and prints
// where: `{"nodeDirectory": …, "python": …}`.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const DIRECTORY = fileURLToPath(new URL('../../.tools/clients/', import.meta.url));
const ERROR_TAIL_CHARACTERS = 1_500;
const TIMEOUT_MS = 10 * 60_000;

/** The directory of the Node clients' scripts, installed first where they are not. */
async function nodeClients() {
  const source = path.join(HERE, 'node');
  const directory = target('node', path.join(source, 'package-lock.json'));
  if (!existsSync(directory)) {
    await inDraft(directory, async (draft) => {
      for (const name of ['package.json', 'package-lock.json']) copyFileSync(path.join(source, name), path.join(draft, name));
      const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
      await run('npm', ['ci', ...flags], draft, 'npm is not in the PATH; it comes with Node.js');
    });
  }
  // A script finds its packages beside itself.
  for (const name of readdirSync(source).filter((file) => file.endsWith('.mjs')))
    copyFileSync(path.join(source, name), path.join(directory, name));
  return directory;
}

/** The Python of the virtual environment with the Python clients. */
async function pythonClients() {
  const requirements = path.join(HERE, 'python/requirements.txt');
  const directory = target('python', requirements);
  if (!existsSync(directory)) {
    const missing = 'Python 3 is not in the PATH: install python3 and python3-venv';
    // Moved, it works but for the first lines of its scripts, which nothing here runs.
    await inDraft(directory, async (draft) => {
      await run('python3', ['-m', 'venv', path.join(draft, 'venv')], draft, missing);
      const python = path.join(draft, 'venv/bin/python');
      const flags = ['--only-binary', ':all:', '--disable-pip-version-check', '--quiet', '-r', requirements];
      await run(python, ['-m', 'pip', 'install', ...flags], draft);
    });
  }
  return path.join(directory, 'venv/bin/python');
}

function target(kind, lockFile) {
  return path.join(DIRECTORY, `${kind}-${createHash('sha256').update(readFileSync(lockFile)).digest('hex').slice(0, 12)}`);
}

/** Works in a directory of its own that is renamed at the end: an interrupted run never leaves half of something. */
async function inDraft(directory, work) {
  const draft = `${directory}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  try {
    await work(draft);
    if (!existsSync(directory)) renameSync(draft, directory);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Runs a command to its end; its output is shown only in the error. */
function run(command, args, cwd, missing = `${command} is not in the PATH`) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: TIMEOUT_MS });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => (output = (output + chunk).slice(-ERROR_TAIL_CHARACTERS)));
    child.once('error', (error) => reject(error.code === 'ENOENT' ? new Error(missing) : error));
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ${args.slice(0, 3).join(' ')} failed:\n${output.trim()}`));
    });
  });
}

const [nodeDirectory, python] = await Promise.all([nodeClients(), pythonClients()]);
console.log(JSON.stringify({ nodeDirectory, python }));
