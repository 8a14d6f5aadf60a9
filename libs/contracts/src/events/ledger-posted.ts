import { z } from 'zod';
import { nanoUsdText } from '../money.js';
import { openObject } from '../open-object.js';

export const TRANSACTION_TYPES = [
  'topup',
  'auto_recharge',
  'api_usage',
  'gpu_usage',
  'hold',
  'hold_release',
  'refund',
  'bonus',
  'admin_correction',
  'contract_grant',
  'bonus_grant',
  'storage_billing',
] as const;
export const transactionType = z.enum(TRANSACTION_TYPES);
export type TransactionType = z.infer<typeof transactionType>;

/** `ecolink.ledger.posted.v1`: one immutable ledger transaction; its entries sum to zero. Key: account. */
export const ledgerPosted = openObject({
  transaction_id: z.string().describe('Id of the transaction, and of the event.'),
  account_id: z.string(),
  type: transactionType,
  amount_nano_usd: nanoUsdText.describe('Nano-USD, seen from the account: negative takes off the balance.'),
  balance_after_nano_usd: nanoUsdText.describe(
    'Nano-USD: the balance with this transaction and all earlier ones of the account.',
  ),
  description: z.string().describe('For people; no program reads it.'),
  cause: openObject({ kind: z.string(), id: z.string() }).describe(
    'What caused it: a usage event, an operator\u2019s credit, a sign-up.',
  ),
  instance_id: z.int().nullable(),
  occurred_at: z.iso.datetime(),
  entries: z
    .array(openObject({ ledger_account: z.string(), amount_nano_usd: nanoUsdText }))
    .min(2)
    .describe('The legs of the double entry; they sum to zero.'),
});
export type LedgerPosted = z.infer<typeof ledgerPosted>;
