import { z } from 'zod';
import { resourceId } from './plain-text.js';

const email = z
  .string()
  .trim()
  .max(254)
  .toLowerCase()
  .regex(/^[^\s@\p{Cc}\p{Cs}]+@[^\s@\p{Cc}\p{Cs}]+$/u, 'must be an e-mail address');

/** Longer passwords are refused before they are hashed: hashing is meant to be slow. */
const password = z.string().min(1).max(1_024);

export const emailAddress = email;

/** `POST /api/v1/session`. */
export const createSession = z.strictObject({ email, password });
export type CreateSession = z.infer<typeof createSession>;

/** `PUT /api/v1/me/active-account`. */
export const setActiveAccount = z.strictObject({ account_id: resourceId });
export type SetActiveAccount = z.infer<typeof setActiveAccount>;

/** `GET /api/v1/me`. A management key has no user. */
export const meView = z.object({
  user: z.object({ id: z.string(), email: z.string() }).nullable(),
  accounts: z.array(z.object({ id: z.string(), name: z.string(), role: z.enum(['owner', 'member']) })),
  active_account_id: z.string().nullable(),
});
export type MeView = z.infer<typeof meView>;

/** `POST /internal/seed-demo-account`. */
export const seedDemoAccountRequest = z.strictObject({ email, password });
export type SeedDemoAccountRequest = z.infer<typeof seedDemoAccountRequest>;
