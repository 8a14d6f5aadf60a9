import { z } from 'zod';
import { resourceId } from '../api/plain-text.js';
import { nanoUsdText, nanoUsdTextNonNegative } from '../money.js';
import { gpuPrices, pricesDto, pricesInput } from '../pricing.js';

/** `POST /internal/afford` of auth-billing: could the account pay this much now? Takes nothing. */
export const affordRequest = z.strictObject({ account_id: resourceId, amount_nano_usd: nanoUsdTextNonNegative });
export type AffordRequest = z.infer<typeof affordRequest>;

export const affordResponse = z.object({ affordable: z.boolean(), balance_nano_usd: nanoUsdText });
export type AffordResponse = z.infer<typeof affordResponse>;

/** `GET` and `PUT /internal/prices/<target>`; the target is percent-encoded. */
export const putPricesBody = z.strictObject({ prices: z.union([pricesInput, z.strictObject(gpuPrices.shape)]) });
export const pricesBody = z.object({ prices: pricesDto });
export type PricesBody = z.infer<typeof pricesBody>;

export const priceTarget = z
  .string()
  .regex(
    /^(instance:[1-9][0-9]{0,15}|platform:.{1,512}|gpu:.{1,64})$/s,
    'must be instance:<id>, platform:<model id> or gpu:<type>',
  );

/** `POST /internal/audit-log`: an operator's call that another service answers. Returns `{id}`. */
export const auditRequest = z.strictObject({
  admin_name: z.string().min(1).max(64),
  service: z.string().min(1).max(64),
  method: z.string().min(1).max(16),
  path: z.string().min(1).max(2_048),
  status: z.int().min(100).max(599).nullable(),
  target: z.string().min(1).max(512).nullable().default(null),
  before: z.record(z.string(), z.unknown()).nullable().default(null),
  after: z.record(z.string(), z.unknown()).nullable().default(null),
  request_id: z.string().max(128).nullable().default(null),
});
export type AuditRequest = z.infer<typeof auditRequest>;
