import type { EventBus } from '@ecolink/messaging';
import type { CallLimits } from './data-plane/call-limits.js';
import type { DriverConfig } from './drivers/driver-config.js';
import type { InstanceLimits } from './pods/instance-pods.js';

export interface RegionGatewayConfig {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly region: string;
  readonly bus: EventBus;
  readonly internalSecret: string;
  readonly registryUrl: string;
  readonly driverConfig: DriverConfig;
  readonly callLimits?: Partial<CallLimits>;
  readonly podLimits?: Partial<InstanceLimits>;
  readonly probeTimeoutMs?: number;
  /** How long `close` lets calls in flight go on. Default 120 s. */
  readonly closeMaxMs?: number;
}

/** Past an answer's first byte the router's own limits come first: only it can tell the client inside the answer. */
export const CALL_LIMITS: CallLimits = { firstByteTimeoutMs: 600_000, idleTimeoutMs: 130_000, totalTimeoutMs: 3_610_000 };

export const POD_LIMITS: InstanceLimits = {
  callsPerPodMax: 1_024,
  connectTimeoutMs: 1_000,
  headerBytesMax: 65_536,
  waitingCallsMax: 1_024,
  waitMaxMs: 2_000,
  drainMaxMs: 120_000,
};

export const PROBE_TIMEOUT_MS = 1_000;
export const PROBES_AT_ONCE_MAX = 256;

export const CLOSE_MAX_MS = 120_000;
