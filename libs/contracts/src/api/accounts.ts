import { z } from 'zod';
import { nanoUsdText } from '../money.js';
import { listOf, listQueryWith } from './list.js';
import { plainText } from './plain-text.js';
import { planName } from './plans.js';
import { emailAddress } from './session.js';

export const accountStatus = z.enum(['active', 'suspended']);
export type AccountStatus = z.infer<typeof accountStatus>;

/** What operators see. A deleted account is suspended for good. */
export const accountStatusShown = z.enum([...accountStatus.options, 'deleted']);

/** `GET /admin/v1/accounts`. Without a status: all that are not deleted. */
export const accountsQuery = listQueryWith({ status: accountStatusShown.optional() });
export type AccountsQuery = z.infer<typeof accountsQuery>;

/** `POST /admin/v1/accounts`. An owner who is new gets a user without a password. */
export const createAccount = z.strictObject({
  name: plainText(128),
  owner_email: emailAddress.optional(),
  plan: planName.optional(),
});
export type CreateAccount = z.infer<typeof createAccount>;

/** `PATCH /admin/v1/accounts/{id}`. */
export const patchAccount = z
  .strictObject({ name: plainText(128).optional(), plan: planName.optional(), status: accountStatus.optional() })
  .refine((patch) => Object.values(patch).some((value) => value !== undefined), 'nothing to change: give name, plan or status');
export type PatchAccount = z.infer<typeof patchAccount>;

export const accountView = z.object({
  id: z.string(),
  name: z.string(),
  balance_nano_usd: nanoUsdText,
  plan: z.string(),
  status: accountStatusShown,
  owners: z.array(z.string()),
  created_at: z.iso.datetime(),
  deleted_at: z.iso.datetime().nullable(),
  /** When its request log was gone and nothing of it ran any more. */
  erased_at: z.iso.datetime().nullable(),
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
