import { z } from 'zod';

/** Six digits of an authenticator. */
export const totpCode = z.string().regex(/^[0-9]{6}$/, 'must be six digits');

/** One of the codes that were shown when the second factor was set up; case and dashes do not matter. */
export const recoveryCode = z.string().regex(/^[A-Za-z2-7-]{16,24}$/, 'must be a recovery code');

/** The second factor of a sign-in. */
export const secondFactorFields = { totp_code: totpCode.optional(), recovery_code: recoveryCode.optional() };
export interface GivenSecondFactor {
  readonly totp_code?: string | undefined;
  readonly recovery_code?: string | undefined;
}

/** `POST /api/v1/me/totp`: what an authenticator is given. It counts once a code of it confirms it. */
export const startedTotp = z.object({ secret: z.string(), otpauth_url: z.string() });
export type StartedTotp = z.infer<typeof startedTotp>;

/** `POST /api/v1/me/totp/confirm`. */
export const confirmTotp = z.strictObject({ code: totpCode });
export type ConfirmTotp = z.infer<typeof confirmTotp>;

/** The only answer that ever holds the recovery codes; each works once. */
export const confirmedTotp = z.object({ recovery_codes: z.array(z.string()) });
export type ConfirmedTotp = z.infer<typeof confirmedTotp>;
