import type { LookupFunction } from 'node:net';
import { Pool } from 'undici';
import { afterProbe, type PodHealth, type ProbeResult, unprobed } from '../probes/pod-health.js';
import { parsePodAddress, type PodAddress } from './pod-address.js';
import type { RunningPodSpec } from './pod-spec.js';
import { StartProgress, type StartStanding } from './start-progress.js';

export interface PodLimits {
  /** Calls that one pod gets at a time, and so connections to it. */
  readonly callsPerPodMax: number;
  readonly connectTimeoutMs: number;
  /** Of an answer's header section. */
  readonly headerBytesMax: number;
}

/** A server with an address: its connections, its calls and the verdict on it. */
export class Pod {
  readonly podId: string;
  readonly address: PodAddress;
  readonly pool: Pool;
  callsInFlight = 0;
  /** Tokens that its calls may still keep it busy with, as estimated when they came. */
  tokensInFlight = 0;
  /** Its list of models has shown that it takes its key and serves the model. */
  isVerified = false;
  #wasReady = false;
  #drainingSinceMs: number | undefined;
  health: PodHealth;
  #spec: RunningPodSpec;
  readonly #callsMax: number;
  readonly #start: StartProgress;

  constructor(spec: RunningPodSpec, limits: PodLimits) {
    this.podId = spec.podId;
    this.address = parsePodAddress(spec.url);
    this.health = unprobed(Date.now());
    this.#start = new StartProgress(Date.now());
    this.#spec = spec;
    this.#callsMax = limits.callsPerPodMax;
    this.#enterPhase(Date.now());
    this.pool = new Pool(this.address.origin, {
      connections: limits.callsPerPodMax,
      pipelining: 1,
      allowH2: false,
      connect: {
        timeout: limits.connectTimeoutMs,
        allowH2: false,
        ...(spec.lookup === undefined ? {} : { lookup: spec.lookup }),
      },
      maxHeaderSize: limits.headerBytesMax,
      // Waiting for an answer is timed by the call itself, which also knows about uploads and slow readers.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  get url(): string {
    return this.#spec.url;
  }

  get lookup(): LookupFunction | undefined {
    return this.#spec.lookup;
  }

  get weight(): number {
    return this.#spec.weight;
  }

  get apiKey(): string | null {
    return this.#spec.apiKey;
  }

  /** Where it listens, if a driver runs it. */
  get ownAddress(): { readonly host: string; readonly port: number } | undefined {
    if (this.#spec.isRunHere !== true) return undefined;
    const { hostname, port, protocol } = new URL(this.#spec.url);
    const defaultPort = protocol === 'https:' ? 443 : 80;
    return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? defaultPort : Number(port) };
  }

  get start(): StartStanding {
    return this.#start.standing;
  }

  get draining(): boolean {
    return this.#drainingSinceMs !== undefined;
  }

  set draining(isDraining: boolean) {
    this.#drainingSinceMs = isDraining ? Date.now() : undefined;
  }

  /** When what is shown of the pod began. */
  get sinceMs(): number {
    return this.#drainingSinceMs ?? this.health.sinceMs;
  }

  get ready(): boolean {
    return this.health.healthy && !this.draining;
  }

  get hasRoom(): boolean {
    return this.callsInFlight < this.#callsMax;
  }

  /** Takes a new key or weight; the address of a pod never changes. */
  update(spec: RunningPodSpec): void {
    if (spec.apiKey !== this.#spec.apiKey) this.isVerified = false;
    this.#spec = spec;
    this.#enterPhase(Date.now());
  }

  /** @returns whether anything that is shown to others has changed. */
  probed(result: ProbeResult, nowMs: number): boolean {
    const before = this.health;
    this.health = afterProbe(before, result, nowMs);
    if (this.ready && !this.#wasReady) {
      this.#wasReady = true;
      this.#spec.onReady?.();
    }
    const isOtherPhase = this.#enterPhase(nowMs);
    return isOtherPhase || this.health.healthy !== before.healthy || this.health.reason !== before.reason;
  }

  /** A server that answers at all has loaded what its driver said it was loading; one that was ready stays so in its own view. */
  #enterPhase(nowMs: number): boolean {
    const told = this.#spec.start;
    if (this.#wasReady) return this.#start.enter('ready', nowMs);
    if (this.health.lastProbeStatus !== null || this.#spec.isRunHere !== true) return this.#start.enter('warming', nowMs);
    return this.#start.enter(told?.phase ?? 'loading', nowMs, told);
  }

  /** Ends whatever still runs. */
  async destroy(): Promise<void> {
    await this.pool.destroy();
    this.#spec.onDrained?.();
  }
}
