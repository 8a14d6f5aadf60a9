import type { PickingStrategy } from '@ecolink/contracts';
import { Ejections } from '@ecolink/proxy';
import { type PickingCall, PodPicker } from '../picking/pod-picker.js';
import { Pod, type PodLimits } from './pod.js';
import type { PodSpec, ProbeTarget, RunningPodSpec, WaitingPodSpec } from './pod-spec.js';
import { ReadyTime } from './ready-time.js';
import { type PodRequest, WaitingCalls } from './waiting-calls.js';

export interface InstanceLimits extends PodLimits {
  /** Calls of one instance that wait for a pod with room, and how long they do. */
  readonly waitingCallsMax: number;
  readonly waitMaxMs: number;
  /** How long a pod that was taken away may go on with its calls. */
  readonly drainMaxMs: number;
}

/** What the instance tells about its pods' coming and going. */
export interface PodObserver {
  added(instance: InstancePods, pod: Pod): void;
  removed(pod: Pod): void;
  changed(instance: InstancePods): void;
  /** Calls have shown that the pod fails them, though probes may find it well: it is left out for so long. */
  ejected(instance: InstancePods, pod: Pod, outMs: number): void;
}

/** A pod without an address, and since when it has been so for that reason. */
export interface WaitingPod {
  readonly spec: WaitingPodSpec;
  readonly sinceMs: number;
}

/** All pods of one instance in this region: who gets the next call, and who is on the way out. */
export class InstancePods {
  probeTarget: ProbeTarget = { openaiCompatible: true, healthPath: null };
  waitingPods: readonly WaitingPod[] = [];
  readonly readyTime = new ReadyTime(() => performance.now());
  /** By pod id; a pod that moved to another address is a new one. */
  readonly #pods = new Map<string, Pod>();
  readonly #draining = new Map<Pod, NodeJS.Timeout>();
  readonly #picker = new PodPicker<Pod>();
  readonly #ejections = new Ejections(() => performance.now());
  readonly #waiting: WaitingCalls;

  constructor(
    readonly instanceId: number,
    private readonly limits: InstanceLimits,
    private readonly observer: PodObserver,
  ) {
    this.#waiting = new WaitingCalls(limits.waitingCallsMax, limits.waitMaxMs);
  }

  get pods(): Iterable<Pod> {
    return this.#pods.values();
  }

  /** Without those whose successor stands, or is awaited, under the same id. */
  get drainingPods(): Pod[] {
    return [...this.#draining.keys()].filter(
      (pod) => !this.#pods.has(pod.podId) && !this.waitingPods.some((waiting) => waiting.spec.podId === pod.podId),
    );
  }

  get callsWaiting(): number {
    return this.#waiting.size;
  }

  get hasCalls(): boolean {
    return this.#waiting.size > 0 || [...this.#pods.values(), ...this.#draining.keys()].some((pod) => pod.callsInFlight > 0);
  }

  get isEmpty(): boolean {
    return this.#pods.size === 0 && this.#draining.size === 0 && this.waitingPods.length === 0;
  }

  /** Makes the pods what the driver says. Pods that are gone from the list get no new call and end their running ones. */
  setPods(specs: readonly PodSpec[]): void {
    const running = new Map(specs.filter((spec) => spec.kind === 'running').map((spec) => [spec.podId, spec]));
    this.waitingPods = specs.filter((spec) => spec.kind === 'waiting').map((spec) => this.#waitingPod(spec));
    for (const pod of [...this.#pods.values()]) {
      if (running.get(pod.podId)?.url !== pod.url) this.#startDraining(pod);
    }
    for (const spec of running.values()) this.#put(spec);
    this.#picker.setMembers(this.#pods.values());
    this.healthChanged();
  }

  /** How its calls are shared from now on. */
  set strategy(strategy: PickingStrategy) {
    this.#picker.strategy = strategy;
  }

  /** To be called whenever a pod's verdict changed. */
  healthChanged(): void {
    const ready = [...this.#pods.values()].filter((pod) => pod.ready).length;
    this.readyTime.setReadyPods(ready);
    if (ready === 0) this.#waiting.refuseAll('no_pod');
    else this.#serveWaiting();
    this.observer.changed(this);
  }

  /**
   * Finds a pod for a call: now, or as soon as one has room. The pod given is counted as busy with it until `release`.
   * @returns how to stop waiting, while it waits.
   */
  acquire(request: PodRequest): (() => void) | undefined {
    const pod = this.#waiting.size === 0 ? this.#find(request) : undefined;
    if (pod !== undefined) {
      request.take(pod);
      return undefined;
    }
    if (!this.#someoneIsReadyFor(request)) {
      request.refuse('no_pod');
      return undefined;
    }
    const leave = this.#waiting.add(request);
    if (leave === undefined) request.refuse('busy');
    return leave;
  }

  /** Pods that failed a call which another pod, here or elsewhere, then answered well, as a router tells. */
  failed(podIds: Iterable<string>): void {
    for (const podId of podIds) {
      const pod = this.#pods.get(podId);
      const outMs = pod === undefined ? undefined : this.#ejections.failed(podId);
      if (pod !== undefined && outMs !== undefined) this.observer.ejected(this, pod, outMs);
    }
  }

  /** A pod answered a call, and not with an error of its own. */
  succeeded(pod: Pod): void {
    this.#ejections.succeeded(pod.podId);
  }

  /** @param call the one that the pod was given for. */
  release(pod: Pod, call: PickingCall): void {
    pod.callsInFlight -= 1;
    pod.tokensInFlight -= call.tokens;
    if (pod.draining && pod.callsInFlight === 0) this.#drained(pod);
    else this.#serveWaiting();
  }

  async destroy(): Promise<void> {
    this.#waiting.refuseAll('no_pod');
    const pods = [...this.#pods.values(), ...this.#draining.keys()];
    for (const timer of this.#draining.values()) clearTimeout(timer);
    this.#pods.clear();
    this.#draining.clear();
    for (const pod of pods) this.observer.removed(pod);
    await Promise.all(pods.map((pod) => pod.destroy()));
  }

  #waitingPod(spec: WaitingPodSpec): WaitingPod {
    const known = this.waitingPods.find(
      ({ spec: { podId, state, reason } }) => podId === spec.podId && state === spec.state && reason === spec.reason,
    );
    return known ?? { spec, sinceMs: Date.now() };
  }

  #put(spec: RunningPodSpec): void {
    const present = this.#pods.get(spec.podId);
    if (present !== undefined) return present.update(spec);
    const revived = [...this.#draining.keys()].find((pod) => pod.podId === spec.podId && pod.url === spec.url);
    if (revived !== undefined) {
      clearTimeout(this.#draining.get(revived));
      this.#draining.delete(revived);
      revived.draining = false;
      revived.update(spec);
    }
    const pod = revived ?? new Pod(spec, this.limits);
    this.#pods.set(pod.podId, pod);
    this.observer.added(this, pod);
  }

  #startDraining(pod: Pod): void {
    this.#pods.delete(pod.podId);
    this.#ejections.forget(pod.podId);
    pod.draining = true;
    this.observer.removed(pod);
    this.#draining.set(
      pod,
      setTimeout(() => this.#drained(pod), this.limits.drainMaxMs),
    );
    if (pod.callsInFlight === 0) this.#drained(pod);
  }

  #drained(pod: Pod): void {
    clearTimeout(this.#draining.get(pod));
    if (!this.#draining.delete(pod)) return;
    void pod.destroy();
    this.observer.changed(this);
  }

  #serveWaiting(): void {
    this.#waiting.serve((request) => this.#find(request));
  }

  #find(request: PodRequest): Pod | undefined {
    const isFit = (pod: Pod): boolean => isReadyFor(request, pod) && !request.avoided.has(pod.podId) && !this.#isOut(pod);
    let pod = this.#picker.pick(request, (candidate) => candidate.hasRoom && isFit(candidate));
    // Without any pod that is fit, those that failed calls are still better than none.
    if (pod === undefined && ![...this.#pods.values()].some(isFit)) {
      pod = this.#picker.pick(request, (candidate) => candidate.hasRoom && isReadyFor(request, candidate));
    }
    if (pod === undefined) return undefined;
    pod.callsInFlight += 1;
    pod.tokensInFlight += request.tokens;
    return pod;
  }

  #isOut(pod: Pod): boolean {
    return this.#ejections.shareOf(pod.podId) === 0;
  }

  #someoneIsReadyFor(request: PodRequest): boolean {
    return [...this.#pods.values()].some((pod) => isReadyFor(request, pod));
  }
}

function isReadyFor(request: PodRequest, pod: Pod): boolean {
  return pod.ready && !request.tried.has(pod);
}
