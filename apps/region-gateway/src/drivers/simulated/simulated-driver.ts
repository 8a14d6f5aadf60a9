import { randomBytes } from 'node:crypto';
import { assertNever, type GatewayDeployment, newId } from '@ecolink/contracts';
import type { PodSpec } from '../../pods/pod-spec.js';
import type { SimulatedDriverOptions } from '../driver-config.js';
import { missingDriver } from '../missing/missing-driver.js';
import type { DriverContext, PodDriver, ReportPods } from '../pod-driver.js';
import { SimulatedPod } from './simulated-pod.js';
import { type SimulatorHost, simulatorHostOf } from './simulator-host.js';

const PODS_PER_DEPLOYMENT_MAX = 16;
const API_KEY_BYTES = 32;

interface Running {
  deployment: GatewayDeployment;
  pods: SimulatedPod[];
}

/** Runs the model simulator as the pods: listeners in one child process. */
class SimulatedDriver implements PodDriver {
  readonly #deployments = new Map<number, Running>();
  readonly #ending = new Set<Promise<void>>();
  readonly #host: SimulatorHost;

  constructor(
    private readonly options: SimulatedDriverOptions,
    private readonly report: ReportPods,
  ) {
    this.#host = simulatorHostOf(options);
  }

  reconcile(deployment: GatewayDeployment): void {
    const running = this.#deployments.get(deployment.instance_id) ?? { deployment, pods: [] };
    this.#deployments.set(deployment.instance_id, running);
    const isOtherModel = argumentsOf(running.deployment).join(' ') !== argumentsOf(deployment).join(' ');
    running.deployment = deployment;
    const wanted = isOtherModel ? 0 : this.#podsWanted(deployment);
    const surplus = running.pods.splice(wanted);
    while (running.pods.length < this.#podsWanted(deployment)) running.pods.push(this.#startPod(deployment));
    this.#report(deployment.instance_id);
    // One that never listened has no calls to wait for; the others end when their calls have.
    for (const pod of surplus) if (pod.state.kind !== 'listening') this.#end(pod);
    if (running.pods.length === 0) this.#deployments.delete(deployment.instance_id);
  }

  release(instanceId: number): void {
    const running = this.#deployments.get(instanceId);
    if (running !== undefined) this.reconcile({ ...running.deployment, desired_state: 'stopped' });
  }

  async stop(): Promise<void> {
    for (const { pods } of this.#deployments.values()) for (const pod of pods) this.#end(pod);
    this.#deployments.clear();
    await Promise.all(this.#ending);
  }

  #podsWanted(deployment: GatewayDeployment): number {
    if (deployment.desired_state !== 'running') return 0;
    return Math.min(deployment.replicas, this.options.podsPerDeploymentMax ?? PODS_PER_DEPLOYMENT_MAX);
  }

  #startPod(deployment: GatewayDeployment): SimulatedPod {
    const pod = new SimulatedPod({
      podId: newId('pod'),
      args: ['--host', '127.0.0.1', '--port', '0', ...argumentsOf(deployment)],
      // What runs beside other tenants answers its gateway alone.
      apiKey: randomBytes(API_KEY_BYTES).toString('base64url'),
      onChange: () => this.#report(deployment.instance_id),
    });
    this.#host.add(pod);
    return pod;
  }

  #report(instanceId: number): void {
    const running = this.#deployments.get(instanceId);
    if (running === undefined) return;
    this.report(
      running.deployment,
      running.pods.map((pod) => this.#specOf(pod)),
    );
  }

  #specOf(pod: SimulatedPod): PodSpec {
    const { state } = pod;
    const { podId, apiKey } = pod.options;
    switch (state.kind) {
      case 'listening':
        return {
          kind: 'running',
          podId,
          weight: 1,
          url: `http://127.0.0.1:${state.port}`,
          apiKey,
          isRunHere: true,
          onDrained: () => this.#drained(pod),
        };
      case 'starting':
        return { kind: 'waiting', podId, weight: 1, state: 'starting', reason: state.reason };
      case 'failing':
        return { kind: 'waiting', podId, weight: 1, state: 'failed', reason: state.reason };
      default:
        return assertNever(state);
    }
  }

  /** Also comes for a pod that died, whose old address is drained: only one that is not wanted any more is ended. */
  #drained(pod: SimulatedPod): void {
    const isWanted = [...this.#deployments.values()].some((running) => running.pods.includes(pod));
    if (!isWanted) this.#end(pod);
  }

  #end(pod: SimulatedPod): void {
    const ended = this.#host.remove(pod).finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }
}

/** Without a simulator's main file there is nothing to run. */
export function simulatedDriver(context: DriverContext): PodDriver {
  const { simulated } = context.options;
  return simulated === undefined ? missingDriver(context) : new SimulatedDriver(simulated, context.report);
}

/** What a customer's launch may say to a simulator; everything else is meant for a real server, and ignored. */
const ALLOWED_ARGUMENT = /^--(?:startup-ms|ttft-ms|tokens-per-second|fault)=[A-Za-z0-9.;=-]{1,100}$/;

/** Of an OpenAI-compatible instance: what its simulator serves. */
const CATEGORIES: ReadonlySet<string> = new Set(['chat', 'embedding', 'reranker', 'image', 'audio', 'video']);

function argumentsOf(deployment: GatewayDeployment): string[] {
  const category = !deployment.openai_compatible ? 'custom' : CATEGORIES.has(deployment.category) ? deployment.category : 'chat';
  return [
    `--model=${deployment.served_model_name}`,
    '--category',
    category,
    ...deployment.args.filter((argument) => ALLOWED_ARGUMENT.test(argument)),
  ];
}
