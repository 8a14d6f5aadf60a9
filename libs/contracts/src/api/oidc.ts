import { z } from 'zod';
import { secondFactorFields } from './totp.js';

/** A page of the console, so that a sign-in leads to no other site. */
const consolePath = z
  .string()
  .max(512)
  .regex(/^\/console(\/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?$/, 'must be a page of the console');

/** `GET /api/v1/oidc/start`. Whoever is signed in connects the provider; anybody else signs in or up. */
export const oidcStartQuery = z.strictObject({
  return_to: consolePath.default('/console'),
  invite_token: z.string().min(1).max(256).optional(),
});
export type OidcStartQuery = z.infer<typeof oidcStartQuery>;

/** `GET /api/v1/oidc/callback`: what the provider adds to the address; it may add more. */
export const oidcCallbackQuery = z.looseObject({ state: z.string().min(1).max(512) });
export type OidcCallbackQuery = z.infer<typeof oidcCallbackQuery>;

/** `POST /api/v1/session/second-factor`: for a session that came by the provider and whose user has a second factor. */
export const giveSecondFactor = z.strictObject(secondFactorFields);
export type GiveSecondFactor = z.infer<typeof giveSecondFactor>;
