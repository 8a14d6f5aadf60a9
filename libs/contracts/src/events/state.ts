import { z } from 'zod';
import { keyAllowed } from '../api/key-allow.js';
import {
  category,
  desiredState,
  instanceState,
  pickingStrategy,
  platformModelStatus,
  podState,
  regionState,
  terminationReason,
} from '../categories.js';
import { budgetState } from '../budgets/budget.js';
import { nanoUsdText } from '../money.js';
import { openObject } from '../open-object.js';
import { pricesDto } from '../pricing.js';
import { podStart } from '../start-phase.js';

/**
 * State topics carry the whole state of one thing and its version; a consumer keeps the highest version it has seen.
 * The same records are served by their owner's `/internal/projections/<name>`, so that a consumer can start from a
 * snapshot and repair what a lost push left out.
 */
const versioned = { version: z.int().min(1).describe('Grows with every change of the thing; the highest one is its state.') };

export const keyScope = z.enum(['inference', 'management']);
export type KeyScope = z.infer<typeof keyScope>;

/** `ecolink.key.changed.v1`. Key: `key_hash`, the hexadecimal SHA-256 of the whole key text. */
export const keyState = openObject({
  ...versioned,
  key_hash: z.string().length(64),
  key_id: z.string(),
  account_id: z.string(),
  status: z.enum(['active', 'revoked']),
  scopes: z.array(keyScope),
  created_by: z.string().optional().describe('The user who created the key; budgets of a user count by it.'),
  source_tag: z.string().nullable(),
  expires_at: z.iso.datetime().nullable().describe('When this secret of the key stops serving.'),
  allow: keyAllowed
    .optional()
    .describe('The limits of the key; a list that is absent does not limit, an empty one allows nothing.'),
});
export type KeyState = z.infer<typeof keyState>;

export const planLimits = openObject({
  name: z.string(),
  requests_per_minute: z.int().min(1),
  tokens_per_minute: z.int().min(1).nullable(),
  concurrent_requests: z.int().min(1).nullable(),
});
export type PlanLimits = z.infer<typeof planLimits>;

/** `ecolink.account.changed.v1`. Key: `account_id`. */
export const accountState = openObject({
  ...versioned,
  account_id: z.string(),
  status: z.enum(['active', 'suspended']),
  plan: planLimits,
  balance_nano_usd: nanoUsdText.describe('Available balance in nano-USD: holds are already taken off.'),
  held_nano_usd: nanoUsdText.describe('The unspent part of the account\u2019s holds, in nano-USD.'),
  posted_positions: z
    .record(z.string(), z.int().min(0))
    .describe('Per usage source (`router/<id>`): the highest journal position that the balance includes.'),
  time_zone: z.string().optional().describe('Cuts the days of budgets and reports; absent: UTC.'),
  budgets: z
    .array(budgetState)
    .optional()
    .describe('All budgets of the account, as of the same journal positions as the balance.'),
});
export type AccountState = z.infer<typeof accountState>;

/** `ecolink.price.changed.v1`. Key: `target` (`instance:<id>` or `platform:<model id>`). */
export const priceState = openObject({
  ...versioned,
  target: z.string(),
  prices: pricesDto,
  effective_from: z.iso.datetime(),
});
export type PriceState = z.infer<typeof priceState>;

export const deploymentState = openObject({
  region: z.string(),
  pods_desired: z.int().min(0).describe('How many pods are meant to run there.'),
  ready_replica_seconds: z
    .number()
    .min(0)
    .describe(
      'Cumulative, so that a lost message costs nothing; as of this version. `ecolink.deployment.metered.v1` tells of it between two.',
    ),
});

/** `ecolink.instance.changed.v1`. Key: `instance_id`. A platform model is an instance of kind `platform`, not callable by suffix. */
export const instanceRecord = openObject({
  ...versioned,
  instance_id: z.int().min(1),
  kind: z.enum(['own', 'platform']),
  account_id: z.string().nullable(),
  platform_model_id: z.string().nullable(),
  model_id: z.string().nullable(),
  model_name: z.string(),
  served_model_name: z.string().nullable(),
  category,
  openai_compatible: z.boolean(),
  custom_api_path: z.string().nullable(),
  inject_stream_usage: z.boolean(),
  strategy: pickingStrategy.optional().describe('How its pods share its calls; absent: in turn.'),
  state: instanceState,
  desired_state: desiredState,
  degraded: z.boolean(),
  termination_reason: terminationReason.nullable(),
  pinned_region: z.string().nullable().describe('The one region of a filesystem-backed model; calls are never served elsewhere.'),
  deployments: z.array(deploymentState),
  run: z.int().min(1).optional().describe('Which start of the instance: what its hold was taken for.'),
  gpu_type: z.string().optional().describe('What its GPU hours are priced by; absent where it has no GPUs.'),
  gpu_count: z.int().min(0).optional().describe('GPUs of one replica.'),
  created_at: z.iso.datetime(),
});
export type InstanceRecord = z.infer<typeof instanceRecord>;

/** `ecolink.model.changed.v1`: platform models. Key: `platform_model_id`. */
export const platformModelRecord = openObject({
  ...versioned,
  platform_model_id: z.string(),
  instance_id: z.int().min(1),
  display_name: z.string(),
  category,
  context_length: z.int().min(1).nullable(),
  status: z.enum(['active', 'inactive']).describe('Whether it is served.'),
  state: platformModelStatus.optional().describe('The same, more closely; absent in records of earlier releases.'),
  deleted: z.boolean().optional().describe('True for one that is deleted.'),
  created_at: z.iso.datetime(),
});
export type PlatformModelRecord = z.infer<typeof platformModelRecord>;

/** `ecolink.region.changed.v1`. Key: `region`. */
export const regionRecord = openObject({
  ...versioned,
  region: z.string(),
  name: z.string(),
  gateway_url: z.string(),
  state: regionState,
  deleted: z.boolean().optional().describe('True for one that is deleted; it is disabled, too.'),
});
export type RegionRecord = z.infer<typeof regionRecord>;

/** `ecolink.deployment.observed.v1`: what a gateway's driver and probes see of one instance. Key: `instance_id`. */
export const deploymentObserved = openObject({
  instance_id: z.int().min(1),
  region: z.string(),
  sequence: z
    .int()
    .min(0)
    .describe('Grows with every observation of this gateway process (milliseconds of its clock at start + a counter).'),
  observed_at: z.iso.datetime(),
  ready_replica_seconds: z.number().min(0),
  pods: z.array(
    openObject({
      pod_id: z.string(),
      state: podState,
      healthy: z.boolean(),
      reason: z.string().nullable(),
      since: z.iso.datetime(),
      address: openObject({ host: z.string().max(253), port: z.int().min(1).max(65_535) })
        .optional()
        .describe('Where a pod that the driver runs listens.'),
      log_tail: z.array(z.string()).max(20).optional().describe('The last lines that a pod wrote before it ended.'),
      start: podStart.optional().describe('How far its start has come.'),
    }),
  ),
});
export type DeploymentObserved = z.infer<typeof deploymentObserved>;

/** `ecolink.instance.health-changed.v1`: all pods of one instance. Key: `instance_id`. */
export const instanceHealth = openObject({
  ...versioned,
  instance_id: z.int().min(1),
  pods: z.array(
    openObject({
      pod_id: z.string(),
      region: z.string(),
      healthy: z.boolean(),
      reason: z.string().nullable(),
      since: z.iso.datetime(),
    }),
  ),
});
export type InstanceHealth = z.infer<typeof instanceHealth>;
