import type {
  Category,
  DeploymentObserved,
  Driver,
  InstanceHealth,
  PickingStrategy,
  StartFailure,
  TerminationReason,
} from '@ecolink/contracts';
import type { StartStanding } from '../lifecycle/start.js';
import type { Lifecycle } from '../lifecycle/state-machine.js';

/** An instance with everything that belongs to it, as the stores give it. */
export interface StoredInstance {
  readonly id: number;
  readonly kind: 'own' | 'platform';
  readonly accountId: string | null;
  readonly platformModelId: string | null;
  readonly modelId: string | null;
  readonly modelName: string;
  readonly servedModelName: string | null;
  readonly name: string;
  readonly category: Category;
  readonly openaiCompatible: boolean;
  readonly customApiPath: string | null;
  readonly healthPath: string | null;
  readonly injectStreamUsage: boolean;
  readonly strategy: PickingStrategy;
  readonly gpuType: string | null;
  readonly gpuCount: number | null;
  readonly image: string | null;
  readonly args: readonly string[];
  readonly pinnedRegion: string | null;
  readonly hourlyRateNanoUsd: bigint;
  readonly holdNanoUsd: bigint;
  readonly cycleEndsAt: Date | null;
  /** Which start of the instance this is; its hold is taken for it. */
  readonly run: number;
  readonly holdVersion: number;
  readonly lifecycle: Lifecycle;
  readonly start: StartStanding;
  /** Of the last start, until another one begins. */
  readonly failure: StartFailure | null;
  readonly terminationReason: TerminationReason | null;
  readonly stateSince: Date;
  /** Number of the present definition. */
  readonly revision: number;
  readonly version: number;
  readonly createdAt: Date;
  readonly deployments: readonly StoredDeployment[];
  readonly health: StoredHealth | undefined;
}

export interface StoredDeployment {
  readonly region: string;
  readonly driver: Driver;
  readonly replicas: number;
  /** Grows when the gateway has to do something; an observation does not change it. */
  readonly version: number;
  /** Driver `external`. */
  readonly pods: readonly StoredPod[];
  readonly observation: StoredObservation | undefined;
}

export interface StoredPod {
  readonly id: string;
  readonly url: string;
  readonly apiKeyEncrypted: Uint8Array<ArrayBuffer> | null;
  readonly weight: number;
}

/** A pod that is about to be stored, with where it is reached. */
export interface PodDraft extends StoredPod {
  readonly places: readonly string[];
}

export interface StoredObservation {
  readonly sequence: bigint;
  readonly readySecondsReported: number;
  readonly readySeconds: number;
  readonly pods: DeploymentObserved['pods'];
}

export interface StoredHealth {
  readonly version: number;
  readonly pods: InstanceHealth['pods'];
}

/** A new instance; the store gives it its id. */
export type InstanceDraft = Omit<
  StoredInstance,
  | 'id'
  | 'version'
  | 'deployments'
  | 'health'
  | 'stateSince'
  | 'revision'
  | 'terminationReason'
  | 'run'
  | 'holdVersion'
  | 'createdAt'
  | 'lifecycle'
  | 'start'
  | 'failure'
> & {
  readonly envEncrypted: Uint8Array<ArrayBuffer> | null;
  readonly envNames?: readonly string[];
  readonly desiredState: 'running' | 'stopped';
  readonly deployments: readonly DeploymentDraft[];
};

export interface DeploymentDraft {
  readonly region: string;
  readonly driver: Driver;
  readonly replicas: number;
  readonly pods: readonly PodDraft[];
}

/** True when servers that already run are its pods, wherever it has any. */
export function isExternal(instance: StoredInstance): boolean {
  return instance.deployments.every((deployment) => deployment.driver === 'external');
}
