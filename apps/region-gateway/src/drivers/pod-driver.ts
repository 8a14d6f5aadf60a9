import type { GatewayDeployment } from '@ecolink/contracts';
import type { PodSpec } from '../pods/pod-spec.js';

/** Makes a deployment's pods what they are meant to be, and tells what they are. */
export interface PodDriver {
  /** Called with every new version of a deployment; may be called again with the same one. */
  reconcile(deployment: GatewayDeployment): void;
  /** The deployment is run by another driver from now on. */
  release(instanceId: number): void;
  /** Ends what the driver runs. */
  stop(): Promise<void>;
}

/** Takes the complete list of a deployment's pods, each time something about them changes. */
export type ReportPods = (deployment: GatewayDeployment, pods: readonly PodSpec[]) => void;
