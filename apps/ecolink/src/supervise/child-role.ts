import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { RoleConfig } from '../roles/role-config.js';

const READY_TIMEOUT_MS = 60_000;
const START_ATTEMPTS_MAX = 5;
const START_PAUSE_MS = 500;
const STOP_TIMEOUT_MS = 135_000;
const RESTART_FIRST_MS = 200;
const RESTART_MAX_MS = 5_000;

/** A part of the product in a process of its own, started again with a growing pause when it dies. */
export class ChildRole {
  private child: ChildProcess | undefined;
  private stopping = false;
  private restartMs = RESTART_FIRST_MS;

  constructor(
    private readonly mainFile: string,
    private readonly config: RoleConfig,
    /** Takes what the process writes to standard error. */
    private readonly logFile: string,
    private readonly onDeath: (role: string, code: number | null, signal: NodeJS.Signals | null) => void,
  ) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /**
   * Resolves once the part serves. One that ends before is started again a few times: what an earlier run held, a port or
   * a lock, may be free only a moment later.
   */
  async start(): Promise<void> {
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

  private async startOnce(): Promise<void> {
    const log = openSync(this.logFile, 'a', 0o600);
    const child = spawn(process.execPath, ['--enable-source-maps', this.mainFile, '--role'], { stdio: ['pipe', 'pipe', log] });
    closeSync(log);
    this.child = child;
    if (child.stdin === null || child.stdout === null) throw new Error('a child process without its pipes');
    child.stdin.on('error', () => undefined);
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
      throw new Error(`the ${this.config.role} process ${problem}; see the log`);
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
    this.onDeath(this.config.role, code, signal);
    while (!this.stopping) {
      await delay(this.restartMs);
      this.restartMs = Math.min(this.restartMs * 2, RESTART_MAX_MS);
      try {
        if (!this.stopping) await this.start();
        return;
      } catch {
        // Said in the log by the process itself; the next try follows after a longer pause.
      }
    }
  }
}
