import { z } from 'zod';
import { category, desiredState, drivers, pickingStrategy, podState } from '../categories.js';
import { podStart } from '../start-phase.js';

/**
 * `GET /internal/gateways/<region>/deployments?since=<cursor>` of the registry, for that region's gateway only.
 * Carries pod keys, which never ride the bus. Page shape: `projectionPage`.
 */
export const gatewayDeployment = z.object({
  version: z.int().min(1),
  instance_id: z.int().min(1),
  kind: z.enum(['own', 'platform']),
  desired_state: desiredState,
  driver: drivers,
  openai_compatible: z.boolean(),
  custom_api_path: z.string().nullable(),
  health_path: z.string().nullable(),
  /** Absent: in turn. */
  strategy: pickingStrategy.optional(),
  category,
  /** What the pod calls the model. */
  served_model_name: z.string(),
  /** Driver `external`: the servers that already run. */
  pods: z.array(z.object({ pod_id: z.string(), url: z.string(), api_key: z.string().nullable(), weight: z.int().min(1) })),
  /** Other drivers: how many pods to run, and of what. */
  replicas: z.int().min(0),
  image: z.string().nullable(),
  args: z.array(z.string()),
  gpu_type: z.string().nullable().default(null),
  gpu_count: z.int().min(0).default(0),
  /** What the driver loads: a Hugging Face repository, a path, or the model's name. */
  model: z.string().nullable().default(null),
  env: z.record(z.string(), z.string()).default({}),
  /** Hugging Face token of the model. */
  token: z.string().nullable().default(null),
  /** The region's, for its driver to read. */
  driver_config: z.record(z.string(), z.unknown()).default({}),
});
export type GatewayDeployment = z.infer<typeof gatewayDeployment>;

/** Where a pod listens that its driver runs. */
export const podAddress = z.object({ host: z.string().max(253), port: z.int().min(1).max(65_535) });
export type PodAddress = z.infer<typeof podAddress>;

/** `GET <gateway_url>/pods`: every pod with its last probe. */
export const gatewayPods = z.object({
  region: z.string(),
  /** Changes when the gateway process restarts. */
  boot_id: z.string(),
  /** True once the gateway has its deployments; before that an absent instance means nothing. */
  synchronised: z.boolean(),
  pods: z.array(
    z.object({
      instance_id: z.int().min(1),
      pod_id: z.string(),
      state: podState,
      healthy: z.boolean(),
      in_flight: z.int().min(0),
      reason: z.string().nullable(),
      since: z.iso.datetime(),
      last_probe_at: z.iso.datetime().nullable(),
      last_probe_status: z.int().nullable(),
      address: podAddress.optional(),
      log_tail: z.array(z.string()).optional(),
      start: podStart.optional(),
    }),
  ),
});
export type GatewayPods = z.infer<typeof gatewayPods>;

/** `GET <gateway_url>/logs/<instance_id>?lines=<n>`: the newest lines that an instance's pods wrote, oldest first. */
export const gatewayLogs = z.object({ pods: z.array(z.object({ pod_id: z.string(), lines: z.array(z.string()) })) });
export type GatewayLogs = z.infer<typeof gatewayLogs>;

export const gatewayErrorKind = z.enum(['connect_failed', 'no_pod', 'busy', 'connection_lost', 'timeout']);
export type GatewayErrorKind = z.infer<typeof gatewayErrorKind>;
