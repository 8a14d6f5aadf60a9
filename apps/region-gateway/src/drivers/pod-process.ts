import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';

export interface PodCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** How long the process may take to say that it listens. */
  readonly startMaxMs: number;
  /** How long it may take to end after SIGTERM. */
  readonly stopMaxMs: number;
}

/** What a pod's process is up to. */
export type PodProcessState =
  | { readonly kind: 'starting'; readonly reason: string }
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'failing'; readonly reason: string };

const listening = z.object({ event: z.literal('listening'), port: z.int().min(1).max(65_535) });

const BACK_OFF_FIRST_MS = 250;
const BACK_OFF_MAX_MS = 30_000;
/** A process that lived this long had started well: its death begins a new series. */
const STABLE_MS = 10_000;
/** After so many deaths in a row the pod is shown as failed; it is still tried again. */
const FAILURES_TO_BE_FAILING = 5;

/**
 * One child process of a pod: started without a shell, started again with a growing delay when it dies, and bound to this
 * process by its standard input, whose closing ends it.
 */
export class PodProcess {
  #child: ChildProcess | undefined;
  #restartTimer: NodeJS.Timeout | undefined;
  #failures = 0;
  #stopping = false;
  state: PodProcessState = { kind: 'starting', reason: 'the process starts' };

  constructor(
    readonly podId: string,
    private readonly command: PodCommand,
    private readonly onChange: () => void,
  ) {
    this.#start();
  }

  /** Asks the process to end, makes it end after `stopMaxMs`, and does not start it again. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restartTimer);
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      const kill = setTimeout(() => child.kill('SIGKILL'), this.command.stopMaxMs);
      child.once('exit', () => {
        clearTimeout(kill);
        resolve();
      });
      child.kill('SIGTERM');
    });
  }

  #start(): void {
    const startedAtMs = performance.now();
    const child = spawn(this.command.file, [...this.command.args], {
      stdio: ['pipe', 'pipe', 'inherit'],
      shell: false,
      // A pod has no use for this process's secrets.
      env: { PATH: process.env['PATH'] },
    });
    this.#child = child;
    const startTimer = setTimeout(() => child.kill('SIGKILL'), this.command.startMaxMs);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const port = portOf(line);
      if (port === undefined || this.state.kind === 'listening') return;
      clearTimeout(startTimer);
      this.#setState({ kind: 'listening', port });
    });
    child.stdin.on('error', () => undefined);
    let ended = false;
    const onEnd = (reason: string) => {
      if (ended) return;
      ended = true;
      clearTimeout(startTimer);
      this.#ended(reason, performance.now() - startedAtMs);
    };
    child.once('error', (error) => onEnd(`the process cannot be started (${error.message})`));
    child.once('exit', (code, signal) => onEnd(`the process ended (${signal ?? `exit code ${code}`})`));
  }

  #ended(reason: string, livedMs: number): void {
    if (this.#stopping) return;
    this.#failures = livedMs >= STABLE_MS ? 1 : this.#failures + 1;
    const delayMs = Math.min(BACK_OFF_MAX_MS, BACK_OFF_FIRST_MS * 2 ** (this.#failures - 1));
    this.#restartTimer = setTimeout(() => this.#start(), delayMs);
    this.#setState(this.#failures >= FAILURES_TO_BE_FAILING ? { kind: 'failing', reason } : { kind: 'starting', reason });
  }

  #setState(state: PodProcessState): void {
    this.state = state;
    this.onChange();
  }
}

function portOf(line: string): number | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return listening.safeParse(JSON.parse(line)).data?.port;
  } catch {
    return undefined;
  }
}
