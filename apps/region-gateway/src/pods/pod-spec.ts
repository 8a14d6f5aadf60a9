import type { LookupFunction } from 'node:net';
import type { PodState } from '@ecolink/contracts';
import type { StartStanding } from './start-progress.js';

interface PodSpecBase {
  readonly podId: string;
  readonly weight: number;
  /** How far its start has come, where the driver knows more than that it has an address. */
  readonly start?: StartStanding | undefined;
}

/** A server that may be probed and called. `url` is its root and may carry a path prefix. */
export interface RunningPodSpec extends PodSpecBase {
  readonly kind: 'running';
  readonly url: string;
  readonly apiKey: string | null;
  /** A driver runs it: its address is nobody else's to name. */
  readonly isRunHere?: true;
  /** Where given, resolves the host's name. */
  readonly lookup?: LookupFunction;
  /** Called once the pod has left the specs and its last call has ended (or its draining time is over). */
  readonly onDrained?: () => void;
  /** Called when the pod gets ready. */
  readonly onReady?: () => void;
}

/** A pod without an address: not there yet, or not able to be. It is only shown. */
export interface WaitingPodSpec extends PodSpecBase {
  readonly kind: 'waiting';
  readonly state: Extract<PodState, 'pending' | 'starting' | 'failed' | 'stopped'>;
  readonly reason: string;
  /** The last lines that it wrote before it ended. */
  readonly logTail?: readonly string[];
}

/** What a driver says about one pod of a deployment. */
export type PodSpec = RunningPodSpec | WaitingPodSpec;

/** How a pod of an instance is probed. */
export interface ProbeTarget {
  readonly openaiCompatible: boolean;
  readonly healthPath: string | null;
  /** What an OpenAI-compatible pod is to call the model. */
  readonly servedModelName?: string;
}
