import { z } from 'zod';
import { drivers, regionState } from '../categories.js';
import { nanoUsdText } from '../money.js';
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

/** `GET /api/v1/gpu-types`. `gpus`: all there are; `gpus_free`: not taken by instances. */
export const gpuType = z.object({
  name: z.string(),
  hourly_rate_nano_usd: nanoUsdText,
  capacity: z.array(z.object({ region: z.string(), gpus: z.int().min(0), gpus_free: z.int().min(0) })),
});
export type GpuTypeView = z.infer<typeof gpuType>;

export const gpuTypeList = listOf(gpuType);

function isHttpRoot(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return false;
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}
