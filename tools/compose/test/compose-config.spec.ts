import { spawnSync } from 'node:child_process';
import { ensureProgram, findProgram } from '../../engines/programs.mjs';
import { type ExampleEnvironment, writeExampleEnvironment } from './support/example-environment.js';
import { ROOT } from './support/read-compose.js';

const INSTALL_TIMEOUT_MS = 180_000;

let compose: readonly [string, ...string[]];
let environment: ExampleEnvironment;

/** Compose v2 where Docker brings it, else Debian's docker-compose; neither needs an engine to check a file. */
async function findCompose(): Promise<readonly [string, ...string[]]> {
  const docker = findProgram('docker');
  if (docker !== undefined && spawnSync(docker, ['compose', 'version']).status === 0) return [docker, 'compose'];
  return [await ensureProgram('docker-compose', ['docker-compose'], () => undefined)];
}

function config(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const [command, ...first] = compose;
  const { PATH = '', HOME = '' } = process.env;
  return spawnSync(command, [...first, ...args], { cwd: ROOT, encoding: 'utf8', env: { PATH, HOME } });
}

beforeAll(async () => {
  compose = await findCompose();
  environment = writeExampleEnvironment();
}, INSTALL_TIMEOUT_MS);

afterAll(() => environment.remove());

it('is a valid compose file with what `npm run compose:env` writes', () => {
  const { status, stdout, stderr } = config('--env-file', environment.file, 'config');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  for (const service of ['router-1', 'router-2', 'edge', 'kafka', 'prepare']) expect(stdout).toContain(`  ${service}:`);
});

it('is one with the ports of the engines, too', () => {
  const files = ['-f', 'docker-compose.yml', '-f', 'tools/compose/engine-ports.yml'];
  const { status, stdout } = config('--env-file', environment.file, ...files, 'config');
  expect(status).toBe(0);
  expect(stdout).toMatch(/5432/);
});

it('starts nothing without secrets', () => {
  const { status, stderr } = config('--env-file', '/etc/hostname', 'config', '--quiet');
  expect(status).not.toBe(0);
  expect(stderr).toContain('npm run compose:env');
});
