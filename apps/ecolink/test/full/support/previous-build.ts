import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const OUTPUT_BYTES_MAX = 64 * 1_048_576;

export interface PreviousBuild {
  readonly root: string;
  readonly commit: string;
  remove(): Promise<void>;
}

/** Builds an earlier commit of this checkout beside it, with the same dependencies. */
export async function buildPrevious(root: string, revision: string): Promise<PreviousBuild> {
  const { stdout } = await run('git', ['-C', root, 'rev-parse', '--verify', `${revision}^{commit}`]).catch(() => {
    throw new Error(`${root} has no commit ${revision} to upgrade from: fetch more of its history (git fetch --depth=2)`);
  });
  const commit = stdout.trim();
  const directory = await mkdtemp(path.join(tmpdir(), 'ecolink-previous-'));
  try {
    await run('sh', ['-c', 'git -C "$0" archive "$1" | tar -x -C "$2"', root, commit, directory]);
    for (const dependencies of dependenciesOf(root))
      copyLinked(path.join(root, dependencies), path.dirname(path.join(directory, dependencies)));
    const environment = {
      ...process.env,
      NODE_OPTIONS: '',
      NX_DAEMON: 'false',
      NX_TUI: 'false',
      PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    };
    const options = { cwd: directory, env: environment, maxBuffer: OUTPUT_BYTES_MAX };
    await run(process.execPath, ['node_modules/prisma/build/index.js', 'generate'], options);
    await run(process.execPath, ['node_modules/.bin/nx', 'run-many', '-t', 'build', '--outputStyle=static'], options);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
  return { root: directory, commit, remove: () => rm(directory, { recursive: true, force: true }) };
}

/** `node_modules` of the workspace and of the projects that have their own. */
function dependenciesOf(root: string): readonly string[] {
  const projects = ['apps', 'libs'].flatMap((parent) =>
    readdirSync(path.join(root, parent)).map((name) => path.join(parent, name)),
  );
  return ['.', ...projects]
    .map((project) => path.join(project, 'node_modules'))
    .filter((each) => existsSync(path.join(root, each)));
}

/** By hard links where that is possible: the workspace's own packages are relative links, and lead into the copy. */
function copyLinked(from: string, to: string): void {
  for (const flags of ['-al', '-a']) if (spawnSync('cp', [flags, from, to]).status === 0) return;
  throw new Error(`${from} could not be copied`);
}
