import path from 'node:path';
import {
  assertNever,
  type GatewayDeployment,
  type GatewayLogs,
  newId,
  processDriverConfig,
  type ProcessTemplate,
} from '@ecolink/contracts';
import type { PodSpec } from '../../pods/pod-spec.js';
import type { ProcessDriverOptions } from '../driver-config.js';
import { missingDriver } from '../missing/missing-driver.js';
import type { DriverContext, PodDriver, ReportPods } from '../pod-driver.js';
import { GpuPool } from './gpu-pool.js';
import { LeftPods } from './left-pods.js';
import { podCommand, signatureOf } from './pod-command.js';
import { PodDirectory } from './pod-directory.js';
import { PodRunner } from './pod-runner.js';
import { withoutSecrets } from './without-secrets.js';

const PODS_PER_DEPLOYMENT_MAX = 16;

interface Running {
  deployment: GatewayDeployment;
  signature: string;
  runners: PodRunner[];
}

/** Runs the operator's command for the deployment's image: one process group for each pod. */
class ProcessDriver implements PodDriver {
  readonly #deployments = new Map<number, Running>();
  readonly #ending = new Set<Promise<void>>();
  readonly #gpus = new GpuPool();
  readonly #left: LeftPods;

  constructor(
    private readonly options: ProcessDriverOptions,
    private readonly report: ReportPods,
  ) {
    this.#left = new LeftPods(options.directory);
  }

  async reconcile(deployment: GatewayDeployment): Promise<void> {
    const id = deployment.instance_id;
    const wanted = this.#podsWanted(deployment);
    const running = this.#deployments.get(id) ?? { deployment, signature: '', runners: [] };
    running.deployment = deployment;
    if (wanted === 0) {
      this.#deployments.set(id, running);
      this.#reduce(running, 0);
      await this.#left.endOf(id);
      return;
    }
    const { template, gpus } = readTemplate(deployment);
    const signature = signatureOf(template, deployment);
    this.#deployments.set(id, running);
    this.#reduce(running, running.signature === signature ? wanted : 0);
    running.signature = signature;
    await this.#adopt(running, template, wanted);
    while (running.runners.length < wanted) {
      const gpuIndices = this.#gpus.take(gpus, deployment.gpu_count);
      if (gpuIndices === undefined) {
        this.#report(id);
        throw new Error(`the host has no ${deployment.gpu_count} free GPUs of those in gpu_indices`);
      }
      const runner = this.#runner(running, template, newId('pod'), gpuIndices);
      running.runners.push(runner);
      runner.start();
    }
    this.#report(id);
  }

  release(instanceId: number): void {
    const running = this.#deployments.get(instanceId);
    if (running !== undefined) this.#reduce(running, 0);
  }

  /** Processes whose instance is gone, or runs something else by now. */
  loaded(): void {
    void this.#left.endAll();
  }

  async logs(instanceId: number, linesMax: number): Promise<GatewayLogs['pods']> {
    const running = this.#deployments.get(instanceId);
    if (running === undefined) return [];
    return Promise.all(
      running.runners.map(async (runner) => ({
        pod_id: runner.options.podId,
        lines: withoutSecrets(await runner.options.files.tail(linesMax), running.deployment, runner.state),
      })),
    );
  }

  async stop(): Promise<void> {
    for (const running of this.#deployments.values()) for (const runner of running.runners) this.#end(runner);
    this.#deployments.clear();
    await Promise.all(this.#ending);
  }

  #podsWanted(deployment: GatewayDeployment): number {
    if (deployment.desired_state !== 'running') return 0;
    return Math.min(deployment.replicas, this.options.podsPerDeploymentMax ?? PODS_PER_DEPLOYMENT_MAX);
  }

  async #adopt(running: Running, template: ProcessTemplate, wanted: number): Promise<void> {
    const { deployment, signature } = running;
    for (const record of await this.#left.take(deployment.instance_id, signature, wanted - running.runners.length)) {
      this.#gpus.keep(record.gpu_indices);
      const runner = this.#runner(running, template, record.pod_id, record.gpu_indices);
      running.runners.push(runner);
      runner.adopt(record);
    }
  }

  #runner(running: Running, template: ProcessTemplate, podId: string, gpuIndices: readonly number[]): PodRunner {
    const { deployment } = running;
    return new PodRunner({
      podId,
      instanceId: deployment.instance_id,
      signature: running.signature,
      gpuIndices,
      startTimeoutMs: template.start_timeout_seconds * 1_000,
      phases: template.phases,
      files: new PodDirectory(path.join(this.options.directory, podId)),
      command: (values) => podCommand(template, deployment, values),
      onChange: () => this.#report(deployment.instance_id),
    });
  }

  /** Pods that listen end when their last call has; the others at once. */
  #reduce(running: Running, count: number): void {
    const surplus = running.runners.splice(count);
    this.#report(running.deployment.instance_id);
    for (const runner of surplus) if (runner.state.kind !== 'running') this.#end(runner);
  }

  #report(instanceId: number): void {
    const running = this.#deployments.get(instanceId);
    if (running === undefined) return;
    this.report(
      running.deployment,
      running.runners.map((runner) => this.#specOf(running, runner)),
    );
  }

  #specOf({ deployment }: Running, runner: PodRunner): PodSpec {
    const { state } = runner;
    const base = { podId: runner.options.podId, weight: 1 };
    switch (state.kind) {
      case 'running':
        return {
          ...base,
          kind: 'running',
          url: `http://127.0.0.1:${state.port}`,
          apiKey: state.apiKey,
          isRunHere: true,
          start: state.start,
          onReady: () => runner.ready(),
          onDrained: () => this.#drained(runner),
        };
      case 'starting':
      case 'failing': {
        const logTail = withoutSecrets(state.logTail, deployment, state);
        return {
          ...base,
          kind: 'waiting',
          state: state.kind === 'failing' ? 'failed' : 'starting',
          reason: state.reason,
          logTail,
        };
      }
      default:
        return assertNever(state);
    }
  }

  /** Also comes for a process that died, whose old address is drained: only one that is not wanted any more is ended. */
  #drained(runner: PodRunner): void {
    const isWanted = [...this.#deployments.values()].some((running) => running.runners.includes(runner));
    if (!isWanted) this.#end(runner);
  }

  #end(runner: PodRunner): void {
    const ended = runner.stop().finally(() => {
      this.#gpus.give(runner.options.gpuIndices);
      this.#ending.delete(ended);
    });
    this.#ending.add(ended);
  }
}

export function processDriver(context: DriverContext): PodDriver {
  const { process: options } = context.options;
  return options === undefined ? missingDriver(context) : new ProcessDriver(options, context.report);
}

/** Throws, in words for operators, where the region has no template for the image. */
function readTemplate(deployment: GatewayDeployment): { template: ProcessTemplate; gpus: readonly number[] } {
  const parsed = processDriverConfig.safeParse(deployment.driver_config);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`the region's driver_config: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not valid'}`);
  }
  const { templates, gpu_indices: gpus } = parsed.data;
  const image = deployment.image ?? '';
  const template = Object.hasOwn(templates, image) ? templates[image] : undefined;
  if (template === undefined) throw new Error(`the region has no template for the image "${image}"`);
  return { template, gpus };
}
