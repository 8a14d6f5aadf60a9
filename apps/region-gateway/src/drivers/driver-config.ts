import type { PodAddressPolicy } from '@ecolink/contracts';
import type { SimulatorHostOptions } from './simulated/simulator-host.js';

/** What each driver of a gateway is told by the operator. */
export interface DriverConfig {
  /** Where external pods may be. Without it, anywhere. */
  readonly external?: { readonly addressPolicy: PodAddressPolicy };
  /** Without it, simulated deployments fail visibly. */
  readonly simulated?: SimulatedDriverOptions;
  /** Without it, deployments of driver `process` fail visibly. */
  readonly process?: ProcessDriverOptions;
}

export interface SimulatedDriverOptions extends SimulatorHostOptions {
  /** Pods of one deployment, at the most. Default 16. */
  readonly podsPerDeploymentMax?: number;
}

export interface ProcessDriverOptions {
  /** Where records, logs and working directories of pods are kept; of this gateway alone. */
  readonly directory: string;
  /** Pods of one deployment, at the most. Default 16. */
  readonly podsPerDeploymentMax?: number;
}
