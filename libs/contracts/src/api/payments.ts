import { z } from 'zod';
import { NANO_USD_PER_USD, nanoUsdText } from '../money.js';

const TOP_UP_MIN = NANO_USD_PER_USD;
const TOP_UP_MAX = 1_000n * NANO_USD_PER_USD;
const THRESHOLD_MAX = 10_000n * NANO_USD_PER_USD;
const NANO_USD_PER_CENT = 10_000_000n;

function within(min: bigint, max: bigint, words: string) {
  return nanoUsdText.refine((text) => {
    if (!/^-?[0-9]{1,19}$/.test(text)) return false;
    const amount = BigInt(text);
    return amount >= min && amount <= max;
  }, words);
}

const topUpAmount = within(TOP_UP_MIN, TOP_UP_MAX, 'must be from $1 to $1,000').refine(
  (text) => /^-?[0-9]+$/.test(text) && BigInt(text) % NANO_USD_PER_CENT === 0n,
  'must be whole cents',
);

/** `POST /api/v1/billing/top-ups`. */
export const createTopUp = z.strictObject({ amount_nano_usd: topUpAmount });
export type CreateTopUp = z.infer<typeof createTopUp>;

export const topUpStatus = z.enum(['pending', 'succeeded', 'failed', 'expired']);
export const topUpView = z.object({
  id: z.string(),
  status: topUpStatus,
  amount_nano_usd: nanoUsdText,
  /** Where the payer goes; null once nothing is to be paid. */
  checkout_url: z.string().nullable(),
  created_at: z.iso.datetime(),
});
export type TopUpView = z.infer<typeof topUpView>;

/** `PUT /api/v1/billing/auto-recharge`. Switching it on needs a saved card. */
export const putAutoRecharge = z.strictObject({
  enabled: z.boolean(),
  threshold_nano_usd: within(0n, THRESHOLD_MAX, 'must be from $0 to $10,000'),
  amount_nano_usd: topUpAmount,
});
export type PutAutoRecharge = z.infer<typeof putAutoRecharge>;
/** `GET` and `PUT /api/v1/billing/auto-recharge`. Both amounts are 0 where it was never set up. */
export const autoRechargeView = z.object({
  enabled: z.boolean(),
  threshold_nano_usd: nanoUsdText,
  amount_nano_usd: nanoUsdText,
});
export type AutoRechargeView = z.infer<typeof autoRechargeView>;

/** `GET /api/v1/billing/card`. All null without a card. */
export const cardView = z.object({
  brand: z.string().nullable(),
  last4: z.string().nullable(),
  /** Where a card is entered; in the answer of `POST` only. */
  setup_url: z.string().nullable(),
});
export type CardView = z.infer<typeof cardView>;

export const webhookReceipt = z.object({ received: z.literal(true) });
export type WebhookReceipt = z.infer<typeof webhookReceipt>;
