import { assertNever, type GatewayDeployment, newId } from '@ecolink/contracts';
import type { PodSpec } from '../pods/pod-spec.js';
import type { PodDriver, ReportPods } from './pod-driver.js';
import { type PodCommand, PodProcess } from './pod-process.js';

export interface SimulatedDriverOptions {
  /** The model simulator's compiled main. */
  readonly simulatorMain: string;
  /** Further arguments for every simulator, e.g. `--ttft-ms 20`. */
  readonly simulatorArgs?: readonly string[];
  /** Pods of one deployment, at the most. Default 16. */
  readonly podsPerDeploymentMax?: number;
}

const PODS_PER_DEPLOYMENT_MAX = 16;
const START_MAX_MS = 30_000;
/** Its calls have ended, or had their time, before a process is asked to end; it only has to close. */
const STOP_MAX_MS = 5_000;

interface Running {
  deployment: GatewayDeployment;
  processes: PodProcess[];
}

/** Runs the model simulator as the pods: one child process each. */
export class SimulatedDriver implements PodDriver {
  readonly #deployments = new Map<number, Running>();
  readonly #ending = new Set<Promise<void>>();

  constructor(
    private readonly options: SimulatedDriverOptions,
    private readonly report: ReportPods,
  ) {}

  reconcile(deployment: GatewayDeployment): void {
    const running = this.#deployments.get(deployment.instance_id) ?? { deployment, processes: [] };
    this.#deployments.set(deployment.instance_id, running);
    const isOtherModel = argumentsOf(running.deployment).join(' ') !== argumentsOf(deployment).join(' ');
    running.deployment = deployment;
    const wanted = isOtherModel ? 0 : this.#podsWanted(deployment);
    const surplus = running.processes.splice(wanted);
    while (running.processes.length < this.#podsWanted(deployment)) running.processes.push(this.#startProcess(deployment));
    this.#report(deployment.instance_id);
    // One that never listened has no calls to wait for; the others end when their calls have.
    for (const process of surplus) if (process.state.kind !== 'listening') this.#end(process);
    if (running.processes.length === 0) this.#deployments.delete(deployment.instance_id);
  }

  release(instanceId: number): void {
    const running = this.#deployments.get(instanceId);
    if (running !== undefined) this.reconcile({ ...running.deployment, desired_state: 'stopped' });
  }

  async stop(): Promise<void> {
    for (const { processes } of this.#deployments.values()) for (const process of processes) this.#end(process);
    this.#deployments.clear();
    await Promise.all(this.#ending);
  }

  #podsWanted(deployment: GatewayDeployment): number {
    if (deployment.desired_state !== 'running') return 0;
    return Math.min(deployment.replicas, this.options.podsPerDeploymentMax ?? PODS_PER_DEPLOYMENT_MAX);
  }

  #startProcess(deployment: GatewayDeployment): PodProcess {
    const args = [
      this.options.simulatorMain,
      ...['--host', '127.0.0.1', '--port', '0', '--parent-pipe'],
      ...argumentsOf(deployment),
      ...(this.options.simulatorArgs ?? []),
    ];
    const command: PodCommand = { file: process.execPath, args, startMaxMs: START_MAX_MS, stopMaxMs: STOP_MAX_MS };
    return new PodProcess(newId('pod'), command, () => this.#report(deployment.instance_id));
  }

  #report(instanceId: number): void {
    const running = this.#deployments.get(instanceId);
    if (running === undefined) return;
    this.report(
      running.deployment,
      running.processes.map((process) => this.#specOf(process)),
    );
  }

  #specOf(process: PodProcess): PodSpec {
    const { state, podId } = process;
    switch (state.kind) {
      case 'listening':
        return {
          kind: 'running',
          podId,
          weight: 1,
          url: `http://127.0.0.1:${state.port}`,
          apiKey: null,
          onDrained: () => this.#drained(process),
        };
      case 'starting':
        return { kind: 'waiting', podId, weight: 1, state: 'starting', reason: state.reason };
      case 'failing':
        return { kind: 'waiting', podId, weight: 1, state: 'failed', reason: state.reason };
      default:
        return assertNever(state);
    }
  }

  /** Also comes for a process that died, whose old address is drained: only one that is not wanted any more is ended. */
  #drained(process: PodProcess): void {
    const isWanted = [...this.#deployments.values()].some((running) => running.processes.includes(process));
    if (!isWanted) this.#end(process);
  }

  #end(process: PodProcess): void {
    const ended = process.stop().finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }
}

/** What a customer's launch may say to a simulator; everything else is meant for a real server, and ignored. */
const ALLOWED_ARGUMENT = /^--(?:startup-ms|ttft-ms|tokens-per-second|fault)=[A-Za-z0-9.;=-]{1,100}$/;

const CATEGORIES: Readonly<Record<string, string>> = { embedding: 'embedding' };

function argumentsOf(deployment: GatewayDeployment): string[] {
  const category = deployment.openai_compatible ? (CATEGORIES[deployment.category] ?? 'chat') : 'custom';
  return [
    `--model=${deployment.served_model_name}`,
    '--category',
    category,
    ...deployment.args.filter((argument) => ALLOWED_ARGUMENT.test(argument)),
  ];
}
