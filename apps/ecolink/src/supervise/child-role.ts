import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { createLogger, type Logger } from '@ecolink/runtime';
import type { RoleConfig } from '../roles/role-config.js';

const READY_TIMEOUT_MS = 60_000;
const START_ATTEMPTS_MAX = 5;
const START_PAUSE_MS = 500;
const STOP_TIMEOUT_MS = 135_000;
const RESTART_FIRST_MS = 200;
const RESTART_MAX_MS = 5_000;
const LINE_LENGTH_MAX = 2_000;
/** Space for new objects is touched in full before it is looked through: 3 × 8 MiB hold a few hundred calls. */
const NODE_OPTIONS = ['--enable-source-maps', '--max-semi-space-size=8'];

/** A part of the product in a process of its own, started again with a growing pause when it dies. */
export class ChildRole {
  private readonly logger = createLogger('supervisor');
  private child: ChildProcessWithoutNullStreams | undefined;
  private warm: ChildProcessWithoutNullStreams | undefined;
  private config: RoleConfig | undefined;
  private stopping = false;
  private restartMs = RESTART_FIRST_MS;

  constructor(
    private readonly mainFile: string,
    readonly role: RoleConfig['role'],
    private readonly onDeath: (role: string, code: number | null, signal: NodeJS.Signals | null) => void,
  ) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts the process, which loads its code while others are still made ready, and waits for its configuration. */
  warmUp(): void {
    this.warm = this.spawn();
  }

  /**
   * Resolves once the part serves. One that ends before is started again a few times: what an earlier run held, a port or
   * a lock, may be free only a moment later.
   */
  async start(config: RoleConfig): Promise<void> {
    this.config = config;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.startOnce();
        return;
      } catch (error) {
        if (attempt === START_ATTEMPTS_MAX || this.stopping) throw error;
        await delay(attempt * START_PAUSE_MS);
      }
    }
  }

  private spawn(): ChildProcessWithoutNullStreams {
    const child = spawn(process.execPath, [...NODE_OPTIONS, this.mainFile, '--role', this.role], { stdio: 'pipe' });
    noteStandardError(child.stderr, this.role, this.logger);
    child.stdin.on('error', () => undefined);
    child.on('error', () => undefined);
    return child;
  }

  private async startOnce(): Promise<void> {
    const { warm } = this;
    this.warm = undefined;
    const child = warm !== undefined && warm.exitCode === null && warm.signalCode === null ? warm : this.spawn();
    this.child = child;
    child.stdin.write(`${JSON.stringify(this.config)}\n`);
    const lines = createInterface({ input: child.stdout });
    const exited = once(child, 'exit').then(([code, signal]) => `ended with ${String(signal ?? code)}`);
    const ready = once(lines, 'line').then(() => undefined);
    const timeout = new AbortController();
    const late = delay(READY_TIMEOUT_MS, 'did not become ready', { signal: timeout.signal }).catch(() => undefined);
    const problem = await Promise.race([ready, exited, late]);
    timeout.abort();
    if (problem !== undefined) {
      child.kill('SIGKILL');
      throw new Error(`the ${this.role} process ${problem}; see the log`);
    }
    this.restartMs = RESTART_FIRST_MS;
    child.once('exit', (code, signal) => {
      if (!this.stopping) void this.restart(code, signal);
    });
  }

  /** Asks it to drain and end, and waits for it. */
  async stop(): Promise<void> {
    this.stopping = true;
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  }

  kill(): void {
    this.stopping = true;
    this.child?.kill('SIGKILL');
  }

  private async restart(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    this.onDeath(this.role, code, signal);
    while (!this.stopping) {
      await delay(this.restartMs);
      this.restartMs = Math.min(this.restartMs * 2, RESTART_MAX_MS);
      try {
        if (!this.stopping && this.config !== undefined) await this.start(this.config);
        return;
      } catch {
        // Said in the log by the process itself; the next try follows after a longer pause.
      }
    }
  }
}

/** A crash's last words, and whatever else does not go through the child's own log. */
function noteStandardError(stream: Readable, role: string, logger: Logger): void {
  createInterface({ input: stream }).on('line', (line) => {
    logger.warn({ event: 'child.standard_error', role, line: line.slice(0, LINE_LENGTH_MAX) });
  });
}
