import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../wait-for.js';
import { waitForCredentials } from './credentials.js';
import { freePort } from './free-port.js';
import { descendantsOf, killHard, type ProcessEntry, stillAlive } from './processes.js';
import { ProductClient } from './product-client.js';
import { type ProductExit, type ProductProcess, runProduct } from './run-product.js';

export interface StartProductOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Further arguments. */
  readonly args?: readonly string[];
  /** Kept by `stop`; without it a temporary one is made, and removed by `remove`. */
  readonly dataDirectory?: string;
  readonly port?: number;
  readonly adminPort?: number;
}

const START_TIMEOUT_MS = 120_000;
/** Clean-up is not where a slow end is to be found out. */
const STOP_TIMEOUT_MS = 20_000;
const GONE_TIMEOUT_MS = 10_000;

/** A product of one's own, started from its build. */
export class StartedProduct extends ProductClient {
  constructor(
    private readonly running: ProductProcess,
    readonly dataDirectory: string,
    client: ProductClient,
    /** From the spawn to the credentials. */
    readonly startedInMs: number,
  ) {
    super(client.credentials);
  }

  get pid(): number {
    return this.running.pid;
  }

  get exited(): Promise<ProductExit> {
    return this.running.exited;
  }

  output(): string {
    return this.running.output();
  }

  /** The product's processes without the database server: the supervisor, its parts, their simulated pods. */
  processes(): ProcessEntry[] {
    const postgres = this.postgresPid();
    return [...stillAlive([this.pid]), ...descendantsOf(this.pid)].filter(
      ({ pid, parentPid }) => pid !== postgres && parentPid !== postgres,
    );
  }

  /** The database server's process, which outlives a kill -9 of the product. */
  postgresPid(): number | undefined {
    const file = path.join(this.dataDirectory, 'postgres', 'data', 'postmaster.pid');
    const line = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0;
    return line > 0 ? line : undefined;
  }

  signal(signal: NodeJS.Signals): void {
    this.running.child.kill(signal);
  }

  /** Ctrl-C: what is in flight ends, then everything. */
  stop(): Promise<ProductExit> {
    this.signal('SIGINT');
    return this.exited;
  }

  /** Kills every process of the product at once, as a crash of the machine would, but for the database server. */
  async kill9(): Promise<void> {
    const pids = this.processes().map(({ pid }) => pid);
    // Nobody may have the time to notice that another one is gone.
    for (const pid of pids) if (stillAlive([pid]).length > 0) process.kill(pid, 'SIGSTOP');
    killHard(pids);
    await this.exited;
    await waitFor(() => stillAlive(pids).length === 0, { timeoutMs: GONE_TIMEOUT_MS, what: 'the end of killed processes' });
  }

  /** Ends whatever still runs and removes the data. */
  async remove(): Promise<void> {
    if (stillAlive([this.pid]).length > 0) {
      const stopped = await Promise.race([this.stop(), delay(STOP_TIMEOUT_MS, undefined, { ref: false })]);
      if (stopped === undefined) await this.kill9();
    }
    const postgres = this.postgresPid();
    if (postgres !== undefined) {
      killHard([...descendantsOf(postgres).map(({ pid }) => pid), postgres]);
      await waitFor(() => stillAlive([postgres]).length === 0, {
        timeoutMs: GONE_TIMEOUT_MS,
        what: 'the end of the database server',
      });
    }
    await rm(this.dataDirectory, { recursive: true, force: true });
  }
}

/** Starts a product of one's own and waits until it serves. */
export async function startProduct(options: StartProductOptions = {}): Promise<StartedProduct> {
  const dataDirectory = options.dataDirectory ?? (await temporaryDirectory());
  const startedAt = performance.now();
  const running = runProduct(await argumentsOf(options, dataDirectory), options.env);
  let exit: ProductExit | undefined;
  void running.exited.then((ended) => (exit = ended));
  const ended = (): string | undefined =>
    exit === undefined ? undefined : `the product ended with ${exit.signal ?? String(exit.code)}:\n${running.output()}`;
  try {
    const credentials = await waitForCredentials(
      path.join(dataDirectory, 'credentials.json'),
      running.pid,
      ended,
      START_TIMEOUT_MS,
    );
    return new StartedProduct(running, dataDirectory, new ProductClient(credentials), performance.now() - startedAt);
  } catch (error) {
    running.child.kill('SIGTERM');
    await running.exited;
    throw error;
  }
}

export function temporaryDirectory(name = 'ecolink-e2e-'): Promise<string> {
  return mkdtemp(path.join(tmpdir(), name));
}

async function argumentsOf(options: StartProductOptions, dataDirectory: string): Promise<string[]> {
  const port = options.port ?? (await freePort());
  const adminPort = options.adminPort ?? (await freePort());
  return ['--port', String(port), '--admin-port', String(adminPort), '--data-dir', dataDirectory, ...(options.args ?? [])];
}
