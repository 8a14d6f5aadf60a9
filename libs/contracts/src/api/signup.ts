import { z } from 'zod';
import { nanoUsdTextNonNegative } from '../money.js';
import { plainText } from './plain-text.js';
import { accountOfUser, emailAddress, newPassword, userView } from './session.js';

/** Who may sign up: anybody, those with an invite, or nobody. */
export const signupMode = z.enum(['open', 'invite', 'closed']);
export type SignupMode = z.infer<typeof signupMode>;

/** `POST /api/v1/signup`. With an invite the user joins its account, and no account is made. */
export const signUp = z
  .strictObject({
    email: emailAddress,
    password: newPassword,
    account_name: plainText(128).optional(),
    invite_token: z.string().min(1).max(256).optional(),
  })
  .refine((body) => body.invite_token === undefined || body.account_name === undefined, {
    path: ['account_name'],
    message: 'an invite is to an account that has its name',
  });
export type SignUp = z.infer<typeof signUp>;

export const signedUp = z.object({ user: userView, account: accountOfUser });
export type SignedUp = z.infer<typeof signedUp>;

/** `GET /api/v1/signup`: what a sign-in page needs to know. */
export const signupInfo = z.object({
  mode: signupMode,
  bonus_nano_usd: nanoUsdTextNonNegative,
  /** Whether `/api/v1/oidc/start` leads anywhere. */
  oidc: z.boolean(),
});
export type SignupInfo = z.infer<typeof signupInfo>;
