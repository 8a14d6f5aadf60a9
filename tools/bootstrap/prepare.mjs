// Brings a checkout to the point where it can run: Node 24, dependencies, generated code, build. Plain Node >= 20, no
// dependencies, since it runs before any is there. Each step remembers what it was done for and is skipped next time.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TOOLS = path.join(ROOT, '.tools');
const NODE_VERSION = '24.21.0';
const NODE_MAJOR_MIN = 24;
const NODE_MINOR_MIN = 9;
const LOCK_TIMEOUT_MS = 15 * 60_000;
const SAID_EVERY_MS = 5_000;

/**
 * Prepares the checkout. Resolves with the Node binary to run the product with and the environment for child processes.
 * @param {{ quiet?: boolean }} [options]
 * @returns {Promise<{ node: string, env: NodeJS.ProcessEnv, root: string }>}
 */
export async function prepare(options = {}) {
  const say = options.quiet === true ? () => undefined : (text) => console.error(`» ${text}`);
  assertNodeCanBootstrap();
  return underLock(say, async () => {
    const node = await findNode(say);
    const env = {
      ...process.env,
      PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}`,
      NX_DAEMON: 'false',
      NX_TUI: 'false',
    };
    await step('dependencies', installFingerprint(), path.join(ROOT, 'node_modules'), async () => {
      say('installing dependencies (about a minute on a first run)…');
      // Not `npm ci`: it refuses a lockfile that leaves out other systems' binaries, as one written behind a mirror does.
      // This installs what the lockfile says and never writes it.
      const install = run(
        'npm',
        ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
        env,
      );
      await saidMeanwhile(say, 'installing dependencies', install, installedSoFar);
    });
    await step(
      'generate',
      fingerprint(['prisma', 'package-lock.json']),
      path.join(ROOT, 'libs/database/src/generated'),
      async () => {
        say('generating the database client…');
        await run(
          node,
          [bin('prisma', 'build/index.js'), 'generate'],
          { ...env, PRISMA_SCHEMA_ENGINE_BINARY: trueBinary(), PRISMA_HIDE_UPDATE_MESSAGE: '1' },
          true,
        );
      },
    );
    await step(
      'build',
      fingerprint(['apps', 'libs', '.swcrc', 'nx.json', 'package-lock.json']),
      path.join(ROOT, 'apps/ecolink/dist'),
      async () => {
        say('building…');
        const build = run(
          node,
          [bin('nx', 'dist/bin/nx.js', 'bin/nx.js'), 'run-many', '-t', 'build', '--outputStyle=static'],
          env,
          true,
        );
        await saidMeanwhile(say, 'building', build, () => '');
      },
    );
    return { node, env, root: ROOT };
  });
}

/** While `work` takes its time, says every few seconds for how long it has, and how far it is. */
async function saidMeanwhile(say, text, work, progress) {
  const beganAt = Date.now();
  const timer = setInterval(() => {
    const far = progress();
    say(`still ${text}, for ${Math.round((Date.now() - beganAt) / 1000)} s${far === '' ? '' : `: ${far}`}`);
  }, SAID_EVERY_MS);
  try {
    await work;
  } finally {
    clearInterval(timer);
  }
}

/** Packages of the lockfile that are there, of all that every system needs; npm says nothing itself before it is done. */
function installedSoFar() {
  const { packages } = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'));
  const wanted = Object.entries(packages).filter(
    ([folder, { link, optional }]) => folder.includes('node_modules/') && !link && !optional,
  );
  const there = wanted.filter(([folder]) => existsSync(path.join(ROOT, folder, 'package.json')));
  return `${there.length} of ${wanted.length} packages`;
}

function assertNodeCanBootstrap() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= 20) return;
  throw new Error(`EcoLink needs Node 20 or newer to install itself (this is ${process.versions.node})`);
}

/** The running Node where it is new enough; otherwise one that npm brings, kept beside the project. */
async function findNode(say) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NODE_MAJOR_MIN || (major === NODE_MAJOR_MIN && minor >= NODE_MINOR_MIN)) return process.execPath;
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const packageName = `node-${platform}-${process.arch}`;
  const directory = path.join(TOOLS, `node-${NODE_VERSION}`);
  const node = path.join(directory, 'node_modules', packageName, 'bin', 'node');
  if (runs(node)) return node;
  say(
    `this is Node ${process.versions.node}; fetching Node ${NODE_VERSION} for the product (only into ${path.relative(ROOT, TOOLS)}/)…`,
  );
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, 'package.json'), '{"private":true}\n');
  const fetching = run(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--loglevel=error', `${packageName}@${NODE_VERSION}`],
    process.env,
    false,
    directory,
  );
  await saidMeanwhile(say, `fetching Node ${NODE_VERSION}`, fetching, () => '');
  if (!runs(node)) throw new Error(`Node ${NODE_VERSION} could not be installed; install Node 24 yourself and try again`);
  return node;
}

function runs(node) {
  return existsSync(node) && spawnSync(node, ['--version']).status === 0;
}

/** Runs `work` unless it was done for the same fingerprint before and its output is still there. */
async function step(name, wanted, output, work) {
  const mark = path.join(TOOLS, 'done', name);
  if (existsSync(output) && existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return;
  rmSync(mark, { force: true });
  await work();
  mkdirSync(path.dirname(mark), { recursive: true });
  writeFileSync(mark, wanted);
}

function installFingerprint() {
  return fingerprint(['package-lock.json', '.npmrc']);
}

/** Sizes and times of the sources: reading them all would cost a warm start more than it saves. */
function fingerprint(entries) {
  const hash = createHash('sha256');
  for (const entry of entries) for (const line of listSources(path.join(ROOT, entry))) hash.update(line);
  return hash.digest('hex');
}

/** Where a package's build is gone, whatever was noted of it. */
function missingDist() {
  const packages = ['apps', 'libs'].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder)).map((name) => path.join(ROOT, folder, name)),
  );
  const built = packages.filter((folder) => existsSync(path.join(folder, 'src/index.ts')));
  return built.map((folder) => path.join(folder, 'dist/index.js')).find((file) => !existsSync(file));
}

const NOT_SOURCES = new Set(['node_modules', 'dist', 'generated', 'coverage', 'README.md', 'test']);

function listSources(file) {
  const information = statSync(file, { throwIfNoEntry: false });
  if (information === undefined) return [];
  if (!information.isDirectory()) return [`${file} ${information.size} ${information.mtimeMs}\n`];
  return readdirSync(file)
    .filter((name) => !NOT_SOURCES.has(name))
    .sort()
    .flatMap((name) => listSources(path.join(file, name)));
}

function bin(packageName, ...candidates) {
  const files = candidates.map((candidate) => path.join(ROOT, 'node_modules', packageName, candidate));
  return files.find((file) => existsSync(file)) ?? files[0];
}

/** Prisma looks for a schema engine that only its command line needs; anything that runs will do for `generate`. */
function trueBinary() {
  return ['/bin/true', '/usr/bin/true'].find((file) => existsSync(file)) ?? process.execPath;
}

/** Runs a command to its end; its output is shown when it is not quiet, or when it fails. */
function run(command, args, env, quiet = false, cwd = ROOT) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', quiet ? 'pipe' : 2, quiet ? 'pipe' : 2] });
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) return resolve();
      process.stderr.write(Buffer.concat(chunks));
      reject(new Error(`${path.basename(command)} ${args[0] ?? ''} failed (${signal ?? code})`));
    });
  });
}

/** Two commands that start together must not install into each other. */
async function underLock(say, work) {
  mkdirSync(TOOLS, { recursive: true });
  const lock = path.join(TOOLS, 'prepare.lock');
  const deadline = Date.now() + LOCK_TIMEOUT_MS;
  let told = false;
  while (!tryLock(lock)) {
    if (!told) say('another command is preparing this checkout; waiting for it…');
    told = true;
    if (Date.now() > deadline) throw new Error(`${lock} has been held for too long; remove it if no other command is running`);
    await delay(200);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function tryLock(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const holder = Number(readFileSync(lock, { encoding: 'utf8', flag: 'a+' }));
  if (holder > 0 && !isAlive(holder)) rmSync(lock, { force: true });
  return false;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
