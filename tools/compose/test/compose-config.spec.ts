import { spawnSync } from 'node:child_process';
import { ensureProgram, findProgram } from '../../engines/programs.mjs';
import { type ExampleEnvironment, writeExampleEnvironment } from './support/example-environment.js';
import { parseYaml } from './support/parse-yaml.mjs';
import { type ComposeService, ROOT } from './support/read-compose.js';

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

describe('as Compose renders it', () => {
  const MIB = 1_048_576;
  /** What each takes at the most while it does its work, in MiB; the limit is above. */
  const NEEDS: Readonly<Record<string, number>> = {
    'router-1': 512 + 256,
    'router-2': 512 + 256,
    postgres: 512 + 256,
    kafka: 1_024 + 512,
    redis: 256 + 64,
    edge: 768 + 64,
    'gateway-mv': 1_024,
    'gateway-ga': 1_024,
  };
  const rendered = (): readonly (readonly [string, ComposeService])[] => {
    const { stdout } = config('--env-file', environment.file, 'config');
    return Object.entries((parseYaml(stdout) as { services: Record<string, ComposeService> }).services);
  };

  it('every container has bounds of memory and of processes, and no way to more rights', () => {
    const services = rendered();
    expect(services.length).toBeGreaterThanOrEqual(12);
    for (const [name, service] of services) {
      const memoryMib = bytesOf(service.mem_limit) / MIB;
      expect({ name, isBounded: memoryMib >= 256 && memoryMib <= 4_096 }).toEqual({ name, isBounded: true });
      expect({ name, isEnough: memoryMib > (NEEDS[name] ?? 0) }).toEqual({ name, isEnough: true });
      expect({ name, isBounded: Number(service.pids_limit) >= 100 && Number(service.pids_limit) <= 2_048 }).toEqual({
        name,
        isBounded: true,
      });
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
      // What is in memory counts, too, and is bounded as well.
      for (const place of service.tmpfs ?? [])
        expect({ name, place }).toEqual({ name, place: expect.stringMatching(/:size=\d+m/) });
    }
  });

  it('the database has a process for each connection that it allows', () => {
    const postgres = rendered().find(([name]) => name === 'postgres')?.[1];
    const connections = Number(/max_connections=(\d+)/.exec(JSON.stringify(postgres?.command))?.[1]);
    expect(Number(postgres?.pids_limit)).toBeGreaterThan(connections + 50);
  });

  /** Compose writes bytes as a number or as text, or leaves the unit, by its release. */
  function bytesOf(limit: string | undefined): number {
    const [, number, unit = ''] = /^(\d+)([kmg]?)b?$/i.exec(String(limit)) ?? [];
    return Number(number) * { '': 1, k: 1_024, m: MIB, g: 1_024 * MIB }[unit.toLowerCase() as '' | 'k' | 'm' | 'g'];
  }
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
