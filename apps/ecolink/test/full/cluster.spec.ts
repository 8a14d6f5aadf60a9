import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const MAIN = path.join(ROOT, 'apps/ecolink/dist/cluster-main.js');
const UP_TIMEOUT_MS = 300_000;
const SUITE_TIMEOUT_MS = 900_000;

let directory: string;

function cluster(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, [MAIN, ...args, '--data-dir', directory], { timeout: UP_TIMEOUT_MS });
}

interface ClusterFile {
  readonly routers: readonly { readonly pid: number }[];
  readonly services: readonly { readonly pid: number }[];
  readonly kafka: readonly { readonly pid: number }[];
  readonly postgres: { readonly pid: number };
  readonly redis: { readonly pid: number };
}

function clusterFile(): ClusterFile {
  return JSON.parse(readFileSync(path.join(directory, 'cluster.json'), 'utf8')) as ClusterFile;
}

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'ecolink-cluster-'));
  await cluster('up', '--routers', '3', '--brokers', '3', '--port', '0', '--admin-port', '0');
}, UP_TIMEOUT_MS);

afterAll(async () => {
  await cluster('down');
  await rm(directory, { recursive: true, force: true });
}, UP_TIMEOUT_MS);

describe('the product as one process per service on Kafka, PostgreSQL and Redis', () => {
  it(
    'passes the parts of the end-to-end suite that do not count the turns of a single router',
    async () => {
      const args = [
        'node_modules/jest/bin/jest.js',
        '--config',
        'jest.config.mjs',
        '--maxWorkers=1',
        '--forceExit',
        '--testPathPatterns=apps/ecolink/test/e2e/(documentation|billing|streaming)',
      ];
      const suite = spawn(process.execPath, args, {
        cwd: ROOT,
        stdio: 'inherit',
        env: {
          ...process.env,
          ECOLINK_E2E_CREDENTIALS: path.join(directory, 'cluster.json'),
          NODE_OPTIONS: '--experimental-vm-modules',
        },
      });
      const code = await new Promise((resolve) => suite.once('exit', resolve));
      expect(code).toBe(0);
    },
    SUITE_TIMEOUT_MS,
  );

  it(
    'leaves no process behind',
    async () => {
      const { routers, services, kafka, postgres, redis } = clusterFile();
      const pids = [...routers, ...services, ...kafka, postgres, redis].map(({ pid }) => pid);
      expect(pids).toHaveLength(13);
      expect(pids.filter(isAlive)).toEqual(pids);
      await cluster('down');
      expect(pids.filter(isAlive)).toEqual([]);
      expect(existsSync(path.join(directory, 'cluster.json'))).toBe(false);
      expect(processesOf(directory)).toEqual([]);
    },
    UP_TIMEOUT_MS,
  );
});

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
}

/** Whoever names the cluster's directory on its command line: engines, the edge, and anything they started. */
function processesOf(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name) && Number(name) !== process.pid)
    .map((name) => commandLine(name))
    .filter((command) => command.includes(folder));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
