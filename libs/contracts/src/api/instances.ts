import { z } from 'zod';
import { category, desiredState, instanceState, podState, terminationReason } from '../categories.js';
import { nanoUsdText } from '../money.js';
import { pricesDto } from '../pricing.js';
import { listByNumber, listOf, listQueryFields } from './list.js';
import { regionCode } from './regions.js';

/** `/api/v1/instances`: a customer's own inference instances. */
const PODS_MAX = 64;
const ARGS_MAX = 128;
const ENV_MAX = 64;
const REGIONS_MAX = 16;
const GPU_COUNT_MAX = 64;
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
});
export type InstanceQuote = z.infer<typeof instanceQuote>;

export const instanceAction = z.enum(['stop', 'start', 'terminate', 'replace_pods']);
export type InstanceAction = z.infer<typeof instanceAction>;

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
  gpu_type: z.string().nullable(),
  gpu_count: z.int().nullable(),
  image: z.string().nullable(),
  args: z.array(z.string()),
  regions: z.array(z.string()),
  state: instanceState,
  desired_state: desiredState,
  degraded: z.boolean(),
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

export const instanceEventList = listOf(instanceEvent);

/** Operators see whose it is. */
export const adminInstance = instance.extend({ account_id: z.string().nullable() });
export type AdminInstanceView = z.infer<typeof adminInstance>;

export const adminInstanceList = listByNumber(adminInstance);

/** `GET /admin/v1/instances`. */
export const adminInstancesQuery = z.strictObject({ ...listQueryFields, account_id: z.string().min(1).max(64).optional() });
export type AdminInstancesQuery = z.infer<typeof adminInstancesQuery>;

export const updateInstanceByAdmin = z.strictObject({ prices: pricesDto });
export type UpdateInstanceByAdmin = z.infer<typeof updateInstanceByAdmin>;

/**
 * One of the product's termination reasons (`credit_depleted` makes further calls answer 402), or any other words, which
 * are shown as the status reason of a termination by `admin`.
 */
export const terminateInstanceByAdmin = z.strictObject({ reason: z.string().min(1).max(512).default('admin') });
export type TerminateInstanceByAdmin = z.infer<typeof terminateInstanceByAdmin>;
