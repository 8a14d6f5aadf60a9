import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type ProductCredentials, ProductClient } from '@ecolink/testing';

const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url));
export const CLUSTER_TIMEOUT_MS = 300_000;
/** What `npm start` sets for its own auth-billing, and the journeys of the suite rely on. */
const SETTINGS = { ECOLINK_SIGNUP: 'open', ECOLINK_TEST_PAYMENTS: '1' };

interface Part {
  readonly pid: number;
}

export interface ClusterFile extends ProductCredentials {
  readonly routers: readonly (Part & { readonly name: string; readonly url: string; readonly admin_url: string })[];
  readonly services: readonly Part[];
  readonly kafka: readonly Part[];
  readonly postgres: Part;
  readonly redis: Part;
}

/** A cluster of one's own, driven by its command line. */
export class RunningCluster {
  private constructor(
    readonly directory: string,
    private readonly root: string,
  ) {}

  /** @param root the checkout whose build runs. */
  static async start(options: { routers: number; brokers: 1 | 3; root?: string }): Promise<RunningCluster> {
    const directory = await mkdtemp(path.join(tmpdir(), 'ecolink-cluster-'));
    const cluster = new RunningCluster(directory, options.root ?? ROOT);
    const sizes = ['--routers', String(options.routers), '--brokers', String(options.brokers)];
    await cluster.run('up', ...sizes, '--port', '0', '--admin-port', '0');
    return cluster;
  }

  get file(): string {
    return path.join(this.directory, 'cluster.json');
  }

  read(): ClusterFile {
    return JSON.parse(readFileSync(this.file, 'utf8')) as ClusterFile;
  }

  /** The product behind its edge. */
  client(): ProductClient {
    return new ProductClient(this.read());
  }

  /** The same product by one router alone. */
  routerClient(index: number): ProductClient {
    const file = this.read();
    return new ProductClient({ ...file, api_base_url: `${file.routers[index]?.url ?? ''}/v1` });
  }

  run(...args: string[]): Promise<{ stdout: string; stderr: string }> {
    return this.runFrom(this.root, ...args);
  }

  /** The same by another build. */
  runFrom(root: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
    const main = path.join(root, 'apps/ecolink/dist/cluster-main.js');
    return promisify(execFile)(process.execPath, [main, ...args, '--data-dir', this.directory], {
      timeout: CLUSTER_TIMEOUT_MS,
      env: { ...process.env, ...SETTINGS },
    });
  }

  async remove(): Promise<void> {
    await this.run('down');
    await rm(this.directory, { recursive: true, force: true });
  }
}
