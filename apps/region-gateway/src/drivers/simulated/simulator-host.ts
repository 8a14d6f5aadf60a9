import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { assertNever } from '@ecolink/contracts';
import { BackOff } from './back-off.js';
import { type HostEvent, parseHostEvent } from './host-events.js';
import type { SimulatedPod } from './simulated-pod.js';

export interface SimulatorHostOptions {
  /** The model simulator's compiled main. */
  readonly simulatorMain: string;
  /** Opens `GET /control` and `POST /control/kill?id=POD` on this port of 127.0.0.1; none by default. */
  readonly controlPort?: number;
}

/** A process that does not answer a command for so long hangs. */
const ANSWER_MAX_MS = 30_000;

/**
 * The process that all simulated pods of this one run in, each as a listener of its own. It runs while there are pods, gets their
 * keys by its standard input, whose closing ends it, and is started again with a growing delay when it dies: that ends all pods.
 */
export class SimulatorHost {
  readonly #options: SimulatorHostOptions;
  readonly #pods = new Map<string, SimulatedPod>();
  readonly #backOff = new BackOff();
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #restartTimer: NodeJS.Timeout | undefined;
  #answerTimer: NodeJS.Timeout | undefined;

  constructor(options: SimulatorHostOptions) {
    this.#options = options;
  }

  /** Starts a pod, and the process where none runs. */
  add(pod: SimulatedPod): void {
    this.#pods.set(pod.options.podId, pod);
    if (this.#child !== undefined) this.#startPod(pod);
    else if (this.#restartTimer === undefined) this.#startProcess();
  }

  /** Ends a pod as a killed one ends: its calls had their time. Resolves once it, and the process after its last pod, are gone. */
  async remove(pod: SimulatedPod): Promise<void> {
    const released = pod.release();
    if (pod.isHosted) this.#send({ op: 'kill', id: pod.options.podId });
    await released;
    this.#pods.delete(pod.options.podId);
    if (this.#pods.size === 0) await this.#endProcess();
  }

  async #endProcess(): Promise<void> {
    clearTimeout(this.#restartTimer);
    clearTimeout(this.#answerTimer);
    this.#restartTimer = this.#answerTimer = undefined;
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL');
    await this.#ended;
  }

  #startProcess(): void {
    const { simulatorMain, controlPort } = this.#options;
    const startedAtMs = performance.now();
    const control = controlPort === undefined ? [] : ['--control-port', String(controlPort)];
    // Pods have no use for this process's secrets.
    const child = spawn(process.execPath, ['--max-semi-space-size=4', simulatorMain, 'host', ...control], {
      stdio: ['pipe', 'pipe', 'inherit'],
      shell: false,
      env: { PATH: process.env['PATH'] },
    });
    this.#child = child;
    child.stdin.on('error', () => undefined);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = parseHostEvent(line);
      if (event !== undefined && child === this.#child) this.#obey(event);
    });
    this.#ended = new Promise((resolve) => {
      const onEnd = (reason: string): void => {
        if (child === this.#child) this.#processEnded(reason, performance.now() - startedAtMs);
        resolve();
      };
      child.once('error', (error) => onEnd(`the simulators' process cannot be started (${error.message})`));
      child.once('exit', (code, signal) => onEnd(`the simulators' process ended (${signal ?? `exit code ${code}`})`));
    });
    for (const pod of this.#pods.values()) this.#startPod(pod);
  }

  #processEnded(reason: string, livedMs: number): void {
    this.#child = undefined;
    clearTimeout(this.#answerTimer);
    this.#answerTimer = undefined;
    const delayMs = this.#backOff.next(livedMs);
    if (this.#pods.size > 0)
      this.#restartTimer = setTimeout(() => {
        this.#restartTimer = undefined;
        this.#startProcess();
      }, delayMs);
    for (const pod of this.#pods.values()) pod.lost(reason, this.#backOff.isFailing);
  }

  #startPod(pod: SimulatedPod): void {
    const { podId, args, apiKey } = pod.options;
    pod.starts();
    this.#send({ op: 'start', id: podId, args, api_key: apiKey });
  }

  #send(command: object): void {
    const child = this.#child;
    child?.stdin?.write(`${JSON.stringify(command)}\n`);
    this.#answerTimer ??= setTimeout(() => child?.kill('SIGKILL'), ANSWER_MAX_MS);
  }

  #obey(event: HostEvent): void {
    clearTimeout(this.#answerTimer);
    this.#answerTimer = undefined;
    const pod = this.#pods.get(event.id);
    if (pod === undefined) return;
    switch (event.event) {
      case 'listening':
        return pod.listens(event.port);
      case 'failed':
        return this.#podEnded(pod, `the simulator cannot be started (${event.error})`);
      case 'stopped':
        return this.#podEnded(pod, 'the simulator ended');
      default:
        return assertNever(event);
    }
  }

  #podEnded(pod: SimulatedPod, reason: string): void {
    if (pod.isReleased) pod.gone();
    else pod.ended(reason, () => this.#startAgain(pod));
  }

  /** While no process runs, the next one starts the pod with all the others. */
  #startAgain(pod: SimulatedPod): void {
    if (this.#child !== undefined) this.#startPod(pod);
  }
}

const hosts = new Map<string, SimulatorHost>();

/** One process for each main file, however many gateways run in this one. */
export function simulatorHostOf(options: SimulatorHostOptions): SimulatorHost {
  const known = hosts.get(options.simulatorMain);
  if (known !== undefined) return known;
  const host = new SimulatorHost(options);
  hosts.set(options.simulatorMain, host);
  return host;
}
