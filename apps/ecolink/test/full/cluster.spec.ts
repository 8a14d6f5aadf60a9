import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CLUSTER_TIMEOUT_MS, RunningCluster } from './support/running-cluster.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const SUITE_TIMEOUT_MS = 900_000;

let cluster: RunningCluster;

beforeAll(async () => {
  cluster = await RunningCluster.start({ routers: 3, brokers: 3 });
}, CLUSTER_TIMEOUT_MS);

afterAll(() => cluster.remove(), CLUSTER_TIMEOUT_MS);

describe('the product as one process per service on Kafka, PostgreSQL and Redis', () => {
  it(
    'passes the end-to-end suite, but for the parts that stop and kill the product of `npm start`',
    async () => {
      const args = [
        'node_modules/jest/bin/jest.js',
        '--config',
        'jest.config.mjs',
        '--maxWorkers=1',
        '--forceExit',
        '--testPathPatterns=apps/ecolink/test/e2e/(?!life-cycle|npm-start)',
      ];
      const suite = spawn(process.execPath, args, {
        cwd: ROOT,
        stdio: 'inherit',
        env: {
          ...process.env,
          ECOLINK_E2E_CREDENTIALS: cluster.file,
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
      const { routers, services, kafka, postgres, redis } = cluster.read();
      const pids = [...routers, ...services, ...kafka, postgres, redis].map(({ pid }) => pid);
      expect(pids).toHaveLength(13);
      expect(pids.filter(isAlive)).toEqual(pids);
      await cluster.run('down');
      expect(pids.filter(isAlive)).toEqual([]);
      expect(existsSync(cluster.file)).toBe(false);
      expect(processesOf(cluster.directory)).toEqual([]);
    },
    CLUSTER_TIMEOUT_MS,
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
