import type { GatewayDeployment, GatewayLogs } from '@ecolink/contracts';
import type { PodSpec } from '../pods/pod-spec.js';
import type { DriverConfig } from './driver-config.js';

/** Makes a deployment's pods what they are meant to be, and tells what they are. */
export interface PodDriver {
  /**
   * Called with every new version of a deployment, one after the other for each instance; may be called again with the same
   * one. Where it throws or rejects, the reason is shown as that of the pods, and it is called again later.
   */
  reconcile(deployment: GatewayDeployment): void | Promise<void>;
  /** The deployment is run by another driver from now on. */
  release(instanceId: number): void;
  /** All deployments of the region have been reconciled once: what runs beyond them is nobody's. */
  loaded?(): void;
  /** The newest lines that an instance's pods wrote, oldest first. */
  logs?(instanceId: number, linesMax: number): Promise<GatewayLogs['pods']>;
  /** Ends what the driver runs. */
  stop(): Promise<void>;
}

/** Takes the complete list of a deployment's pods, each time something about them changes. */
export type ReportPods = (deployment: GatewayDeployment, pods: readonly PodSpec[]) => void;

export interface DriverContext {
  readonly region: string;
  readonly report: ReportPods;
  readonly options: DriverConfig;
}

export type DriverFactory = (context: DriverContext) => PodDriver;
