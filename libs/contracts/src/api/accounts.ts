import { z } from 'zod';
import { nanoUsdText } from '../money.js';
import { listOf } from './list.js';
import { plainText } from './plain-text.js';
import { planName } from './plans.js';
import { emailAddress } from './session.js';

export const accountStatus = z.enum(['active', 'suspended']);
export type AccountStatus = z.infer<typeof accountStatus>;

/** `POST /admin/v1/accounts`. An owner who is new gets a user without a password. */
export const createAccount = z.strictObject({
  name: plainText(128),
  owner_email: emailAddress.optional(),
  plan: planName.optional(),
});
export type CreateAccount = z.infer<typeof createAccount>;

/** `PATCH /admin/v1/accounts/{id}`. */
export const patchAccount = z
  .strictObject({ plan: planName.optional(), status: accountStatus.optional() })
  .refine((patch) => patch.plan !== undefined || patch.status !== undefined, 'nothing to change: give plan or status');
export type PatchAccount = z.infer<typeof patchAccount>;

export const accountView = z.object({
  id: z.string(),
  name: z.string(),
  balance_nano_usd: nanoUsdText,
  plan: z.string(),
  status: accountStatus,
  owners: z.array(z.string()),
  created_at: z.iso.datetime(),
});
export type AccountView = z.infer<typeof accountView>;

export const accountList = listOf(accountView);

/** `POST /admin/v1/accounts/{id}/credits`. A negative amount takes money off. */
export const createCredit = z.strictObject({
  amount_nano_usd: nanoUsdText.refine((text) => text !== '0', 'must not be 0'),
  type: z.enum(['admin_correction', 'contract_grant', 'bonus_grant']),
  reason: plainText(500),
});
export type CreateCredit = z.infer<typeof createCredit>;
