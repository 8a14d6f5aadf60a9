import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { PhaseOfLog } from '@ecolink/contracts';
import type { StartStanding } from '../../pods/start-progress.js';
import { freePort } from './free-port.js';
import { LogPhases } from './log-phases.js';
import type { PodCommand, PodValues } from './pod-command.js';
import type { PodDirectory, PodRecord } from './pod-directory.js';
import { restartDelayMs } from './restart-delay.js';
import { signalGroup, startTimeOf } from './running-process.js';

/** What a pod's process is up to. */
export type RunnerState =
  | { readonly kind: 'starting'; readonly reason: string; readonly logTail: readonly string[] }
  | {
      readonly kind: 'running';
      readonly port: number;
      readonly apiKey: string;
      readonly pid: number;
      readonly start: StartStanding;
    }
  | { readonly kind: 'failing'; readonly reason: string; readonly logTail: readonly string[] };

export interface PodRunnerOptions {
  readonly podId: string;
  readonly instanceId: number;
  readonly signature: string;
  readonly gpuIndices: readonly number[];
  readonly startTimeoutMs: number;
  readonly phases: readonly PhaseOfLog[];
  readonly files: PodDirectory;
  readonly command: (values: PodValues) => PodCommand;
  readonly onChange: () => void;
}

const API_KEY_BYTES = 32;
/** A process that was ready for so long had started well: its death begins a new series. */
const STABLE_MS = 60_000;
/** After so many deaths in a row the pod is shown as failed; it is still tried again. */
const FAILURES_TO_BE_FAILING = 3;
const WATCH_INTERVAL_MS = 1_000;
const LOG_CHECK_INTERVAL_MS = 5_000;
const STOP_MAX_MS = 10_000;
const STOP_POLL_MS = 50;
const LOG_TAIL_LINES = 20;

interface Running {
  readonly pid: number;
  readonly startTime: string;
}

/**
 * One pod: a process group that is started, watched, started again with a growing delay, and ended. The process outlives
 * this one when it is killed, and is taken over by its record in the next life.
 */
export class PodRunner {
  #running: Running | undefined;
  #restart: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #startTimer: NodeJS.Timeout | undefined;
  #readyAtMs: number | undefined;
  #failures = 0;
  #endedFor: string | undefined;
  #stopping = false;
  #logCheckedAtMs = 0;
  #logPhases: LogPhases | undefined;
  state: RunnerState = { kind: 'starting', reason: 'the process starts', logTail: [] };

  constructor(readonly options: PodRunnerOptions) {}

  start(): void {
    void this.#start();
  }

  /** Goes on with a process that an earlier life of the gateway started. */
  adopt(record: PodRecord): void {
    this.#runs({ pid: record.pid, startTime: record.start_time }, record.port, record.api_key, 0);
  }

  /** Its probes are well: it has started. */
  ready(): void {
    clearTimeout(this.#startTimer);
    this.#logPhases = undefined;
    this.#readyAtMs = performance.now();
  }

  /** Ends the process and all that it started, and removes its files. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of [this.#restart, this.#watch, this.#startTimer]) clearTimeout(timer);
    if (this.#running !== undefined) await endProcess(this.#running);
    await this.options.files.remove();
  }

  async #start(): Promise<void> {
    try {
      const port = await freePort();
      const apiKey = randomBytes(API_KEY_BYTES).toString('base64url');
      await this.options.files.create();
      if (this.#stopping) return;
      const logOffset = (await this.options.files.readFrom(0)).offset;
      const command = this.options.command({ port, apiKey, gpuIndices: this.options.gpuIndices });
      const running = await this.#spawn(command);
      const { podId, instanceId, signature, gpuIndices, files } = this.options;
      await files.save({
        pod_id: podId,
        instance_id: instanceId,
        signature,
        pid: running.pid,
        start_time: running.startTime,
        port,
        api_key: apiKey,
        gpu_indices: [...gpuIndices],
      });
      if (this.#stopping) return void endProcess(running);
      this.#runs(running, port, apiKey, logOffset);
    } catch (error) {
      await this.#ended(`the process cannot be started (${error instanceof Error ? error.message : String(error)})`);
    }
  }

  async #spawn(command: PodCommand): Promise<Running> {
    const { files } = this.options;
    const child = files.withLog((log) =>
      spawn(command.file, [...command.args], {
        cwd: files.workingDirectory,
        env: { ...command.env },
        // Its own process group, so that signals reach all that it starts and none meant for the gateway reach it.
        detached: true,
        shell: false,
        stdio: ['ignore', log, log],
      }),
    );
    const failure = new Promise<never>((_resolve, reject) => child.once('error', reject));
    child.once('exit', (code, signal) => {
      this.#endedFor = `the process ended (${signal ?? `exit code ${code}`})`;
      if (this.#running?.pid === child.pid) void this.#look();
    });
    const started = new Promise<void>((resolve) => child.once('spawn', resolve));
    await Promise.race([started, failure]);
    child.unref();
    const { pid } = child;
    if (pid === undefined) throw new Error('it has no process id');
    return { pid, startTime: (await startTimeOf(pid)) ?? 'ended' };
  }

  /** `logOffset`: where in the log its own lines begin. */
  #runs(running: Running, port: number, apiKey: string, logOffset: number): void {
    this.#running = running;
    this.#readyAtMs = undefined;
    const { startTimeoutMs, phases, files } = this.options;
    this.#logPhases = new LogPhases(phases, files, { limitSeconds: startTimeoutMs / 1_000, offset: logOffset });
    this.#setState({ kind: 'running', port, apiKey, pid: running.pid, start: this.#logPhases.standing });
    this.#startTimer = setTimeout(() => {
      this.#endedFor = `the process was not ready within ${startTimeoutMs / 1_000} s`;
      signalGroup(running.pid, 'SIGKILL');
    }, startTimeoutMs);
    this.#startTimer.unref();
    this.#watchSoon();
  }

  #watchSoon(): void {
    clearTimeout(this.#watch);
    if (this.#stopping) return;
    this.#watch = setTimeout(() => void this.#look(), WATCH_INTERVAL_MS);
    this.#watch.unref();
  }

  /** An adopted process is nobody's child, so that its end is only seen by looking. */
  async #look(): Promise<void> {
    const running = this.#running;
    if (running === undefined || this.#stopping) return;
    if ((await startTimeOf(running.pid)) === running.startTime) {
      await this.#boundLog();
      await this.#readPhases();
      return this.#watchSoon();
    }
    if (this.#running !== running || this.#stopping) return;
    this.#running = undefined;
    // What it started and left behind goes with it.
    signalGroup(running.pid, 'SIGKILL');
    const reason = this.#endedFor ?? 'the process ended';
    this.#endedFor = undefined;
    await this.#ended(reason);
  }

  async #readPhases(): Promise<void> {
    const phases = this.#logPhases;
    if (phases === undefined || !(await phases.read())) return;
    if (this.state.kind === 'running') this.#setState({ ...this.state, start: phases.standing });
  }

  async #boundLog(): Promise<void> {
    if (performance.now() - this.#logCheckedAtMs < LOG_CHECK_INTERVAL_MS) return;
    this.#logCheckedAtMs = performance.now();
    await this.options.files.boundLog().catch(() => undefined);
  }

  async #ended(reason: string): Promise<void> {
    clearTimeout(this.#startTimer);
    clearTimeout(this.#watch);
    const logTail = await this.options.files.tail(LOG_TAIL_LINES).catch(() => []);
    if (this.#stopping) return;
    const wasStable = this.#readyAtMs !== undefined && performance.now() - this.#readyAtMs >= STABLE_MS;
    this.#failures = wasStable ? 1 : this.#failures + 1;
    this.#restart = setTimeout(() => void this.#start(), restartDelayMs(this.#failures));
    const kind = this.#failures >= FAILURES_TO_BE_FAILING ? 'failing' : 'starting';
    this.#setState({ kind, reason, logTail });
  }

  #setState(state: RunnerState): void {
    this.state = state;
    if (!this.#stopping) this.options.onChange();
  }
}

/** Asks the process group to end, and makes it end after 10 s. Another process under the same number is left alone. */
export async function endProcess({ pid, startTime }: Running): Promise<void> {
  if ((await startTimeOf(pid)) !== startTime) return;
  signalGroup(pid, 'SIGTERM');
  const endMs = performance.now() + STOP_MAX_MS;
  while (performance.now() < endMs && (await startTimeOf(pid)) === startTime) await delay(STOP_POLL_MS);
  signalGroup(pid, 'SIGKILL');
}
