import { z } from 'zod';
import { category, desiredState, instanceState, pickingStrategy, podState, terminationReason } from '../categories.js';
import { nanoUsdText } from '../money.js';
import { pricesDto, pricesInput } from '../pricing.js';
import { listByNumber, listOf, listQueryWith } from './list.js';
import { startPhase } from '../start-phase.js';
import { fits, regionCode } from './regions.js';

/** `/api/v1/instances`: a customer's own inference instances. */
const PODS_MAX = 64;
const ARGS_MAX = 128;
const ENV_MAX = 64;
const REGIONS_MAX = 16;
const GPU_COUNT_MAX = 64;
const REPLICAS_MAX = 16;
const CUSTOM_PATH_LENGTH_MAX = 256;

/** Characters of a path segment, RFC 3986 section 3.3, with nothing percent-encoded: an encoded slash would be read two ways. */
const PATH_SEGMENT_PATTERN = /^[A-Za-z0-9._~!$&'()*+,;=:@-]+$/;

function isPlainPath(path: string): boolean {
  return path.split('/').every((segment) => PATH_SEGMENT_PATTERN.test(segment) && segment !== '.' && segment !== '..');
}

/** `/` alone means everything below the instance; else the path is stored without its leading slash. */
export const customApiPath = z
  .string()
  .min(1)
  .max(CUSTOM_PATH_LENGTH_MAX)
  .refine(
    (path) => path === '/' || isPlainPath(path.replace(/^\//, '')),
    'must be a path such as "generate" or "v2/models", without empty, "." or ".." segments, query or percent-encoding',
  )
  .transform((path) => (path === '/' ? path : path.replace(/^\//, '')));

/** Kept with its leading slash. */
export const healthPath = z
  .string()
  .min(1)
  .max(CUSTOM_PATH_LENGTH_MAX)
  .refine((path) => path === '/' || isPlainPath(path.replace(/^\//, '')), 'must be a path such as "/health"')
  .transform((path) => (path.startsWith('/') ? path : `/${path}`));

/** Sent to the pod as its bearer key; printable ASCII, since it becomes a header. Write-only. */
export const podApiKey = z
  .string()
  .min(1)
  .max(4_096)
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');

/** `api_key` left out keeps the key of a pod that is already there under this region and URL; `null` takes it away. */
export const podInput = z.strictObject({
  region: regionCode,
  url: z.string().min(1).max(2_048),
  api_key: podApiKey.nullable().optional(),
});
export type PodInput = z.infer<typeof podInput>;

const podInputs = z.array(podInput).min(1).max(PODS_MAX);

const launchFields = {
  model_id: z.string().min(1).max(64),
  name: z.string().min(1).max(128).optional(),
  openai_compatible: z.boolean().default(true),
  custom_api_path: customApiPath.optional(),
  health_path: healthPath.optional(),
  inject_stream_usage: z.boolean().default(true),
  strategy: pickingStrategy.default('round_robin'),
};

export const launchExternal = z.strictObject({ ...launchFields, pods: podInputs });

export const launchGpu = z.strictObject({
  ...launchFields,
  gpu_type: z.string().min(1).max(64),
  gpu_count: z.int().min(1).max(GPU_COUNT_MAX),
  image: z.string().min(1).max(512),
  args: z.array(z.string().max(4_096)).max(ARGS_MAX).default([]),
  env: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be the name of an environment variable'),
      z.string().max(8_192),
    )
    .refine((env) => Object.keys(env).length <= ENV_MAX, `must have at most ${ENV_MAX} entries`)
    .optional(),
  regions: z.array(regionCode).min(1).max(REGIONS_MAX).optional(),
  allow_single_region: z.boolean().default(false),
  /** How many in which region, instead of one in each of two. */
  replicas: z
    .record(regionCode, z.int().min(1).max(REPLICAS_MAX))
    .refine((replicas) => Object.keys(replicas).length > 0, 'must name a region')
    .refine((replicas) => Object.keys(replicas).length <= REGIONS_MAX, `must have at most ${REGIONS_MAX} entries`)
    .optional(),
});

export type LaunchExternal = z.infer<typeof launchExternal> & { readonly kind: 'external' };
export type LaunchGpu = z.infer<typeof launchGpu> & { readonly kind: 'gpu' };
export type LaunchInstance = LaunchExternal | LaunchGpu;

/**
 * Body of a launch and of a quote: with `pods` it names servers that already run, without it GPUs to run a server on.
 * Which of the two is decided by `pods` alone, so that a refusal names the field that is wrong in the chosen form.
 */
export const launchInstance = z
  .unknown()
  .transform((body, context): LaunchInstance => {
    const isExternal = typeof body === 'object' && body !== null && 'pods' in body;
    const parsed = isExternal ? launchExternal.safeParse(body) : launchGpu.safeParse(body);
    if (!parsed.success) {
      for (const issue of parsed.error.issues) context.addIssue({ ...issue });
      return z.NEVER;
    }
    return 'pods' in parsed.data ? { kind: 'external', ...parsed.data } : { kind: 'gpu', ...parsed.data };
  })
  .refine((launch) => launch.openai_compatible || launch.custom_api_path !== undefined, {
    path: ['custom_api_path'],
    message: 'is required where openai_compatible is false',
  });

export const replacePods = z.strictObject({ pods: podInputs });
export type ReplacePods = z.infer<typeof replacePods>;

export const testPod = z.strictObject({
  url: z.string().min(1).max(2_048),
  api_key: podApiKey.optional(),
  health_path: healthPath.optional(),
});
export type TestPod = z.infer<typeof testPod>;

/** `reachable`: a server answered over HTTP. `problem`: what stands between it and being a healthy pod, in words. */
export const testPodResult = z.object({ reachable: z.boolean(), models: z.array(z.string()), problem: z.string().nullable() });
export type TestPodResult = z.infer<typeof testPodResult>;

/** `hourly_rate_nano_usd` is per GPU; the hold is rate × GPUs × replicas × 24 h. */
export const instanceQuote = z.object({
  hourly_rate_nano_usd: nanoUsdText,
  replicas: z.int().min(0),
  regions: z.array(z.string()),
  hold_nano_usd: nanoUsdText,
  affordable: z.boolean(),
  /** False when the regions lack the capacity now; `problem` then says so. */
  available: z.boolean(),
  problem: z.string().nullable(),
  fits,
});
export type InstanceQuote = z.infer<typeof instanceQuote>;

export const instanceAction = z.enum(['stop', 'start', 'terminate', 'replace_pods']);
export type InstanceAction = z.infer<typeof instanceAction>;

const progress = z.object({
  done_bytes: z.int().min(0),
  total_bytes: z.int().min(0).nullable().describe('Null where it is not known.'),
});

/** Why the last start failed, with the last lines that the pod wrote. */
export const startFailure = z.object({
  at: z.iso.datetime(),
  phase: startPhase.nullable(),
  cause: z.string(),
  log_tail: z.array(z.string()),
});
export type StartFailure = z.infer<typeof startFailure>;

export const instance = z.object({
  id: z.int().min(1),
  /** What a call names, e.g. `my-llama:142`. */
  model: z.string(),
  model_id: z.string().nullable(),
  name: z.string(),
  category,
  openai_compatible: z.boolean(),
  custom_api_path: z.string().nullable(),
  health_path: z.string().nullable(),
  inject_stream_usage: z.boolean(),
  strategy: pickingStrategy,
  gpu_type: z.string().nullable(),
  gpu_count: z.int().nullable(),
  image: z.string().nullable(),
  args: z.array(z.string()),
  regions: z.array(z.string()),
  state: instanceState,
  desired_state: desiredState,
  degraded: z.boolean(),
  phase: startPhase.nullable().describe('How far the start has come; null while nothing is to run.'),
  phase_since: z.iso.datetime().nullable(),
  phase_deadline_at: z.iso.datetime().nullable().describe('When the start is given up unless the phase has ended; null: never.'),
  progress: progress.nullable().describe('Bytes of the phase, where they are known.'),
  failure: startFailure.nullable(),
  status_reason: z.string().nullable(),
  termination_reason: terminationReason.nullable(),
  actions: z.array(instanceAction),
  deployments: z.array(
    z.object({
      region: z.string(),
      pods: z.array(
        z.object({
          id: z.string(),
          state: podState,
          healthy: z.boolean(),
          since: z.iso.datetime().nullable(),
          reason: z.string().nullable(),
          /** The last lines that it wrote before it ended; only where the driver runs it. */
          log_tail: z.array(z.string()).optional(),
          phase: startPhase.nullable(),
          phase_since: z.iso.datetime().nullable(),
          progress: progress.nullable(),
          /** Driver `external` only. */
          url: z.string().optional(),
        }),
      ),
    }),
  ),
  /** Per-request prices; `{}` costs nothing, `null` when billing cannot be asked just now. */
  prices: pricesDto.nullable(),
  hourly_rate_nano_usd: nanoUsdText,
  hold_nano_usd: nanoUsdText,
  cycle_ends_at: z.iso.datetime().nullable(),
  revision: z.int().min(1).describe('Number of the present definition.'),
  created_at: z.iso.datetime(),
});
export type InstanceView = z.infer<typeof instance>;

export const instanceList = listByNumber(instance);

/** One step of an instance's history. `kind`: what happened; `from_state` is null for the launch. */
export const instanceEvent = z.object({
  id: z.string(),
  kind: z.string(),
  from_state: instanceState.nullable(),
  to_state: instanceState,
  desired_state: desiredState,
  degraded: z.boolean(),
  reason: z.string().nullable(),
  occurred_at: z.iso.datetime(),
});
export type InstanceEventView = z.infer<typeof instanceEvent>;

/** `GET /api/v1/instances/{id}/logs`. */
export const instanceLogsQuery = z.strictObject({ lines: z.coerce.number().int().min(1).max(1_000).default(100) });
export type InstanceLogsQuery = z.infer<typeof instanceLogsQuery>;

/** The newest lines of each pod, oldest first. `problem`: why a region's are not here. Servers that others run show none. */
export const instanceLogs = z.object({
  deployments: z.array(
    z.object({
      region: z.string(),
      problem: z.string().nullable(),
      pods: z.array(z.object({ id: z.string(), lines: z.array(z.string()) })),
    }),
  ),
});
export type InstanceLogs = z.infer<typeof instanceLogs>;

export const instanceEventList = listOf(instanceEvent);

/** Operators see whose it is. */
export const adminInstance = instance.extend({ account_id: z.string().nullable() });
export type AdminInstanceView = z.infer<typeof adminInstance>;

export const adminInstanceList = listByNumber(adminInstance);

/** `GET /admin/v1/instances`. */
export const adminInstancesQuery = listQueryWith({ account_id: z.string().min(1).max(64).optional() });
export type AdminInstancesQuery = z.infer<typeof adminInstancesQuery>;

export const updateInstanceByAdmin = z.strictObject({ prices: pricesInput });
export type UpdateInstanceByAdmin = z.infer<typeof updateInstanceByAdmin>;

/**
 * One of the product's termination reasons (`credit_depleted` makes further calls answer 402), or any other words, which
 * are shown as the status reason of a termination by `admin`.
 */
export const terminateInstanceByAdmin = z.strictObject({ reason: z.string().min(1).max(512).default('admin') });
export type TerminateInstanceByAdmin = z.infer<typeof terminateInstanceByAdmin>;

/** `POST /admin/v1/instances/{id}/drain`: no new calls, running ones end, then its pods do; its account may start it again. */
export const drainInstanceByAdmin = z.strictObject({ reason: z.string().min(1).max(512).default('Drained by an operator') });
export type DrainInstanceByAdmin = z.infer<typeof drainInstanceByAdmin>;
