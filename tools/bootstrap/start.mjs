// `npm start`: prepares the checkout and runs the product on embedded engines. Plain Node >= 20.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { prepare } from './prepare.mjs';

const ANCESTOR_POLL_MS = 500;
/** The control plane makes few objects at a time; what V8 keeps for new ones by default, it would touch in full. */
const NODE_OPTIONS = ['--enable-source-maps', '--max-semi-space-size=4'];

const { node, env, root } = await prepare().catch((error) => {
  console.error(`EcoLink could not be prepared: ${error.message}`);
  process.exit(1);
});

// The fourth pipe carries nothing: when it closes, this process is gone, and the product must not outlive it.
const product = spawn(node, [...NODE_OPTIONS, path.join(root, 'apps/ecolink/dist/main.js'), ...process.argv.slice(2)], {
  stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  env: {
    ...env,
    // Code compiled by one start is loaded by the next; child processes inherit it.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? path.join(root, '.tools', 'compile-cache'),
    ECOLINK_PARENT_PIPE: '3',
    INIT_CWD: undefined,
    ECOLINK_WORKING_DIRECTORY: process.env.INIT_CWD ?? process.cwd(),
  },
});
// A terminal sends Ctrl-C to both; a signal to this process alone is passed on. The product drains, then both end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => product.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal));
product.once('error', (error) => {
  console.error(`EcoLink could not be started: ${error.message}`);
  process.exitCode = 1;
});
product.once('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
watchAncestors(() => product.kill('SIGTERM'));

/** npm that is killed hard cannot tell its script; the script sees that npm, or the shell between them, is gone. */
function watchAncestors(onGone) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const grandparent = isShell(parent) ? parentOf(parent) : undefined;
  const timer = setInterval(() => {
    if (process.ppid === parent && (grandparent === undefined || parentOf(parent) === grandparent)) return;
    clearInterval(timer);
    onGone();
  }, ANCESTOR_POLL_MS);
  timer.unref();
}

function isShell(pid) {
  return /^[^\0]*\b(sh|dash|bash)\0-c\0/.test(read(`/proc/${pid}/cmdline`));
}

function parentOf(pid) {
  const stat = read(`/proc/${pid}/stat`);
  return stat === '' ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
