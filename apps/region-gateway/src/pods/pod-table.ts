import type { PickingStrategy } from '@ecolink/contracts';
import { type InstanceLimits, InstancePods, type PodObserver } from './instance-pods.js';
import type { PodSpec, ProbeTarget } from './pod-spec.js';

/** Every instance that has, or had, pods in this region. Drivers write it, calls and probes read it. */
export class PodTable {
  readonly #instances = new Map<number, InstancePods>();

  constructor(
    private readonly limits: InstanceLimits,
    private readonly observer: PodObserver,
  ) {}

  get(instanceId: number): InstancePods | undefined {
    return this.#instances.get(instanceId);
  }

  get instances(): Iterable<InstancePods> {
    return this.#instances.values();
  }

  setPods(
    instanceId: number,
    probeTarget: ProbeTarget,
    specs: readonly PodSpec[],
    strategy: PickingStrategy = 'round_robin',
  ): void {
    const instance = this.#instances.get(instanceId) ?? new InstancePods(instanceId, this.limits, this.observer);
    this.#instances.set(instanceId, instance);
    if (instance.probeTarget.servedModelName !== probeTarget.servedModelName)
      for (const pod of instance.pods) pod.isVerified = false;
    instance.probeTarget = probeTarget;
    instance.strategy = strategy;
    instance.setPods(specs);
  }

  /** Forgets an instance whose last pod is gone. */
  forget(instanceId: number): void {
    if (this.#instances.get(instanceId)?.isEmpty === true) this.#instances.delete(instanceId);
  }

  async destroy(): Promise<void> {
    await Promise.all([...this.#instances.values()].map((instance) => instance.destroy()));
  }
}
