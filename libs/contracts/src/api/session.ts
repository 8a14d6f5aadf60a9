import { z } from 'zod';
import { plainText, resourceId } from './plain-text.js';
import { secondFactorFields } from './totp.js';

/** By the rules of zod's `email`; case does not tell addresses apart. */
export const emailAddress = z.string().trim().max(254).toLowerCase().pipe(z.email('must be an e-mail address'));

/** Longer passwords are refused before they are hashed: hashing is meant to be slow. */
const password = z.string().min(1).max(1_024);

/** A password to be. Length is what makes guessing hard (NIST SP 800-63B). */
export const newPassword = z.string().min(8).max(1_024);

/** `POST /api/v1/session`. */
export const createSession = z.strictObject({
  email: emailAddress,
  password,
  ...secondFactorFields,
});
export type CreateSession = z.infer<typeof createSession>;

/** `PUT /api/v1/me/active-account`. */
export const setActiveAccount = z.strictObject({ account_id: resourceId });
export type SetActiveAccount = z.infer<typeof setActiveAccount>;

export const memberRole = z.enum(['owner', 'member']);
export type MemberRole = z.infer<typeof memberRole>;

export const accountOfUser = z.object({ id: z.string(), name: z.string(), role: memberRole });
export type AccountOfUser = z.infer<typeof accountOfUser>;

export const userView = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string().nullable(),
  /** Whether sign-in asks for a second factor. */
  totp_enabled: z.boolean(),
});
export type UserView = z.infer<typeof userView>;

/** `GET /api/v1/me`. A management key has no user. */
export const meView = z.object({
  user: userView.nullable(),
  accounts: z.array(accountOfUser),
  active_account_id: z.string().nullable(),
});
export type MeView = z.infer<typeof meView>;

/** `PATCH /api/v1/me`. */
export const patchMe = z.strictObject({ name: plainText(128).nullable() });
export type PatchMe = z.infer<typeof patchMe>;

/** `PUT /api/v1/me/password`. A user who has none yet leaves `current_password` out. */
export const putPassword = z.strictObject({ current_password: password.optional(), new_password: newPassword });
export type PutPassword = z.infer<typeof putPassword>;

/** `DELETE /api/v1/me`. A user who has no password leaves it out. */
export const deleteMe = z.strictObject({ current_password: password.optional() });
export type DeleteMe = z.infer<typeof deleteMe>;

/** `POST /api/v1/password-reset/request`: the answer is the same for every address. */
export const requestPasswordReset = z.strictObject({ email: emailAddress });
export type RequestPasswordReset = z.infer<typeof requestPasswordReset>;

/** `POST /api/v1/password-reset`. */
export const resetPassword = z.strictObject({ token: z.string().min(1).max(256), password: newPassword });
export type ResetPassword = z.infer<typeof resetPassword>;

/** `POST /internal/seed-demo-account`. */
export const seedDemoAccountRequest = z.strictObject({ email: emailAddress, password });
export type SeedDemoAccountRequest = z.infer<typeof seedDemoAccountRequest>;

/** `created`: there was none, or the one there was is deleted. */
export const seededDemoAccount = z.object({ account_id: z.string(), created: z.boolean() });
export type SeededDemoAccount = z.infer<typeof seededDemoAccount>;
