import { z } from 'zod';
import { category, instanceState, pickingStrategy, platformModelStatus } from '../categories.js';
import { parseModelId } from '../model-id.js';
import { pricesDto, pricesInput } from '../pricing.js';
import { podInput } from './instances.js';
import { listOf, listQueryWith } from './list.js';
import { servedModelName } from './models.js';
import { regionCode } from './regions.js';

const PODS_MAX = 256;
const REPLICAS_MAX = 64;

export const platformModelId = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')
  .refine((id) => parseModelId(id)?.kind === 'platform', 'must not end like an instance id (a colon and a number)');

/** `GET /admin/v1/platform-models`: its cursors are model ids, which are longer than other ids. */
export const platformModelsQuery = listQueryWith({
  after: platformModelId.optional(),
  before: platformModelId.optional(),
});
export type PlatformModelsQuery = z.infer<typeof platformModelsQuery>;

export const platformPodInput = podInput.extend({ weight: z.int().min(1).max(1_000).default(1) });
export type PlatformPodInput = z.infer<typeof platformPodInput>;

/** `inactive` is an older word for `disabled`. */
const status = z
  .enum([...platformModelStatus.options, 'inactive'])
  .transform((word): z.infer<typeof platformModelStatus> => (word === 'inactive' ? 'disabled' : word));

const displayName = z.string().min(1).max(256);
const contextLength = z.int().min(1).nullable();

/** What stays as it is when left out. */
const parts = {
  prices: pricesInput.optional(),
  pods: z.array(platformPodInput).max(PODS_MAX).optional(),
  /** Pods of the simulated driver, for trying out. */
  simulated: z
    .strictObject({
      regions: z.array(regionCode).min(1).max(16),
      replicas_per_region: z.int().min(1).max(REPLICAS_MAX).default(1),
    })
    .optional(),
  /** How its pods share its calls; in turn where it was never given. */
  strategy: pickingStrategy.optional(),
};

const ONE_PLACE = { path: ['simulated'], message: 'cannot be given together with pods' };
const isOnePlace = (body: { readonly pods?: unknown; readonly simulated?: unknown }): boolean =>
  body.pods === undefined || body.simulated === undefined;

/**
 * `PUT /admin/v1/platform-models/{id}`. `prices`, `strategy` and where it runs (`pods` or `simulated`) stay as they are when left
 * out; `prices: {}` takes the price away, `pods: []` the pods.
 */
export const putPlatformModel = z
  .strictObject({
    display_name: displayName,
    category,
    context_length: contextLength.default(null),
    status: status.default('active'),
    served_model_name: servedModelName.nullable().default(null),
    ...parts,
  })
  .refine(isOnePlace, ONE_PLACE);
export type PutPlatformModel = z.infer<typeof putPlatformModel>;

/** `PATCH /admin/v1/platform-models/{id}`: what is named becomes so. */
export const patchPlatformModel = z
  .strictObject({
    display_name: displayName.optional(),
    context_length: contextLength.optional(),
    status: status.optional(),
    served_model_name: servedModelName.nullable().optional(),
    ...parts,
  })
  .refine((body) => Object.keys(body).length > 0, 'must name something to change')
  .refine(isOnePlace, ONE_PLACE);
export type PatchPlatformModel = z.infer<typeof patchPlatformModel>;

export const adminPlatformModel = z.object({
  id: z.string(),
  display_name: z.string(),
  category,
  context_length: z.int().nullable(),
  /** `active` and `deprecated` ones are served; to calls, a `disabled` one is not there. */
  status: platformModelStatus,
  served_model_name: z.string(),
  strategy: pickingStrategy,
  /** `{}`: not priced, calls answer 402. `null` when billing cannot be asked just now. */
  prices: pricesDto.nullable(),
  state: instanceState,
  degraded: z.boolean(),
  status_reason: z.string().nullable(),
  pods: z.array(
    z.object({
      id: z.string(),
      region: z.string(),
      url: z.string().nullable(),
      has_api_key: z.boolean(),
      weight: z.int(),
      healthy: z.boolean(),
      reason: z.string().nullable(),
    }),
  ),
  created_at: z.iso.datetime(),
});
export type AdminPlatformModelView = z.infer<typeof adminPlatformModel>;

export const adminPlatformModelList = listOf(adminPlatformModel);
