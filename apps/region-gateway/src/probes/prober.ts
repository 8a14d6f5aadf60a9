import { setTimeout as startTimer } from 'node:timers';
import type { InstancePods } from '../pods/instance-pods.js';
import type { Pod } from '../pods/pod.js';
import { nextProbeDelayMs, type ProbeResult } from './pod-health.js';
import { AddressPace } from './address-pace.js';
import { ProbeLane } from './probe-lane.js';
import { probePod } from './probe-pod.js';
import { type ProbeAnswer, sendProbe } from './send-probe.js';
import { verifyPod } from './verify-pod.js';

export interface ProberOptions {
  readonly timeoutMs: number;
  readonly concurrencyMax: number;
}

/** Passive evidence asks for a probe at once, but a storm of failing calls must not become a storm of probes. */
const EVIDENCE_INTERVAL_MS = 100;
/** Spread, so that pods that were added together are not probed together for ever. Only ever shortens an interval. */
const JITTER = 0.1;

interface Schedule {
  readonly instance: InstancePods;
  timer: NodeJS.Timeout | undefined;
  probing: boolean;
  lastEndMs: number;
  lastTimedOut: boolean;
}

/**
 * Probes every pod on its own schedule. Pods that let a probe time out go to a lane of their own, so that however many
 * servers hang, those that answer are probed on time.
 */
export class Prober {
  readonly #schedules = new Map<Pod, Schedule>();
  readonly #answering: ProbeLane;
  readonly #hanging: ProbeLane;
  readonly #pace = new AddressPace();

  constructor(private readonly options: ProberOptions) {
    this.#answering = new ProbeLane(options.concurrencyMax);
    this.#hanging = new ProbeLane(options.concurrencyMax);
  }

  add(instance: InstancePods, pod: Pod): void {
    const schedule = { instance, timer: undefined, probing: false, lastEndMs: 0, lastTimedOut: false };
    this.#schedules.set(pod, schedule);
    this.#probeIn(0, pod, schedule);
  }

  remove(pod: Pod): void {
    clearTimeout(this.#schedules.get(pod)?.timer);
    this.#schedules.delete(pod);
    const { origin } = pod.address;
    if (![...this.#schedules.keys()].some((other) => other.address.origin === origin)) this.#pace.forget(origin);
  }

  /** A call has just failed to reach the pod. */
  probeSoon(pod: Pod): void {
    const schedule = this.#schedules.get(pod);
    if (schedule === undefined || schedule.probing) return;
    this.#probeIn(Math.max(0, schedule.lastEndMs + EVIDENCE_INTERVAL_MS - performance.now()), pod, schedule);
  }

  stop(): void {
    for (const pod of [...this.#schedules.keys()]) this.remove(pod);
  }

  #probeIn(delayMs: number, pod: Pod, schedule: Schedule): void {
    clearTimeout(schedule.timer);
    schedule.timer = startTimer(() => void this.#probe(pod, schedule), delayMs);
  }

  async #probe(pod: Pod, schedule: Schedule): Promise<void> {
    schedule.probing = true;
    const lane = schedule.lastTimedOut ? this.#hanging : this.#answering;
    const { instance } = schedule;
    const result = await lane.run(() => this.#look(instance, pod));
    schedule.probing = false;
    schedule.lastEndMs = performance.now();
    schedule.lastTimedOut = result.kind === 'timeout';
    if (this.#schedules.get(pod) !== schedule) return;
    const isChanged = pod.probed(result, Date.now());
    this.#probeIn(nextProbeDelayMs(pod.health, result) * (1 - Math.random() * JITTER), pod, schedule);
    if (isChanged) instance.healthChanged();
  }

  async #look(instance: InstancePods, pod: Pod): Promise<ProbeResult> {
    const { probeTarget } = instance;
    const isCallInFlight = (): boolean => pod.callsInFlight > 0;
    const result = await probePod(probeTarget, (path) => this.#send(pod, path), isCallInFlight);
    const { servedModelName, openaiCompatible } = probeTarget;
    const isToBeVerified = openaiCompatible && servedModelName !== undefined && !pod.isVerified && !isCallInFlight();
    if (result.kind !== 'ok' || !isToBeVerified) return result;
    const verified = await verifyPod(servedModelName, (path) => this.#send(pod, path, true));
    if (verified.kind === 'ok') pod.isVerified = true;
    return verified;
  }

  #send(pod: Pod, path: string, wantsBody = false): Promise<ProbeAnswer> {
    const { origin, pathPrefix } = pod.address;
    const { apiKey, lookup } = pod;
    const { timeoutMs } = this.options;
    return this.#pace.probe(pod, { origin, path: pathPrefix + path, apiKey, wantsBody }, (probe) =>
      sendProbe({ ...probe, timeoutMs, ...(lookup === undefined ? {} : { lookup }) }),
    );
  }
}
