import { z } from 'zod';
import { drivers, regionState } from '../categories.js';
import { nanoUsdText, nanoUsdTextNonNegative } from '../money.js';
import { listOf } from './list.js';

export const regionCode = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be a region code such as "mv"');

const gatewayUrl = z
  .string()
  .max(2_048)
  .refine((text) => isHttpRoot(text), 'must be an http:// or https:// URL without credentials, query or fragment')
  .transform((text) => text.replace(/\/+$/, ''));

/** Any JSON value. */
export const jsonValue = z.json();

const driverConfig = z.record(z.string().max(128), jsonValue);

/** `PUT /admin/v1/regions/{code}`. */
export const putRegion = z.strictObject({
  name: z.string().min(1).max(128),
  gateway_url: gatewayUrl,
  driver: drivers,
  driver_config: driverConfig.default({}),
  state: regionState.default('active'),
});
export type PutRegion = z.infer<typeof putRegion>;

export const patchRegion = z.strictObject({
  name: z.string().min(1).max(128).optional(),
  gateway_url: gatewayUrl.optional(),
  driver: drivers.optional(),
  driver_config: driverConfig.optional(),
  state: regionState.optional(),
});
export type PatchRegion = z.infer<typeof patchRegion>;

/** `GET /api/v1/regions`. `healthy`: active, and its gateway has been heard of lately. */
export const region = z.object({ region: z.string(), name: z.string(), state: regionState, healthy: z.boolean() });
export type RegionView = z.infer<typeof region>;

export const regionList = listOf(region);

export const adminRegion = region.extend({
  gateway_url: z.string(),
  driver: drivers,
  driver_config: z.record(z.string(), z.unknown()),
  gateway_contacted_at: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
});
export type AdminRegionView = z.infer<typeof adminRegion>;

export const adminRegionList = listOf(adminRegion);

/** Whether GPUs hold a model: its weights, and one context at the least. `tight`: room for fewer than four contexts at once. */
export const fits = z.object({
  verdict: z.enum(['yes', 'tight', 'no', 'unknown']),
  arithmetic: z.string().describe('How the verdict came about, in words.'),
});
export type Fits = z.infer<typeof fits>;

/** `GET /api/v1/gpu-types`: with a model, each type says in which numbers it holds it. */
export const gpuTypesQuery = z.strictObject({ model_id: z.string().min(1).max(64).optional() });
export type GpuTypesQuery = z.infer<typeof gpuTypesQuery>;

/** `GET /api/v1/gpu-types`. `gpus`: all there are; `gpus_free`: not taken by instances. */
export const gpuType = z.object({
  name: z.string(),
  hourly_rate_nano_usd: nanoUsdText,
  memory_gb: z.int().min(1).nullable().describe('Of one GPU, in 10⁹ bytes; null where it is not known.'),
  fits: z.array(fits.extend({ gpu_count: z.int().min(1) })).optional(),
  capacity: z.array(z.object({ region: z.string(), gpus: z.int().min(0), gpus_free: z.int().min(0) })),
});
export type GpuTypeView = z.infer<typeof gpuType>;

export const gpuTypeList = listOf(gpuType);

export const gpuTypeName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be a name such as "h100-80gb"');

const GPUS_MAX = 1_000_000;

/** `PUT /admin/v1/gpu-types/{name}`. The rate is of one GPU and hour; `memory_gb` of one GPU and `capacity`, the whole of it, stay as they are where left out. */
export const putGpuType = z.strictObject({
  hourly_rate_nano_usd: nanoUsdTextNonNegative,
  memory_gb: z.int().min(1).max(100_000).optional(),
  capacity: z
    .array(z.strictObject({ region: regionCode, gpus: z.int().min(0).max(GPUS_MAX) }))
    .max(1_000)
    .refine((list) => new Set(list.map(({ region: code }) => code)).size === list.length, 'names a region twice')
    .optional(),
});
export type PutGpuType = z.infer<typeof putGpuType>;

function isHttpRoot(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return false;
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}
