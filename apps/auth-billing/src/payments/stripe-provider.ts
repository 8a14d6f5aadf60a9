import { createRequire } from 'node:module';
import type Stripe from 'stripe';
import type { StripeSettings } from '../injection.js';
import type { Card, Charge, Checkout, PaymentProvider, TopUpOrder } from './payment-provider.js';

export const NANO_USD_PER_CENT = 10_000_000n;
const TIMEOUT_MS = 20_000;
const RETRIES_MAX = 2;

const load = createRequire(import.meta.url);

/** Stripe's library, loaded where it is configured: it weighs as much as the rest of billing. */
function loadStripe(): typeof Stripe {
  return load('stripe') as typeof Stripe;
}

/** Stripe Checkout and saved cards, through Stripe's own library. */
export class StripeProvider implements PaymentProvider {
  readonly name = 'stripe';
  readonly #stripe: Stripe;

  constructor(private readonly settings: StripeSettings) {
    const { host, port, protocol } = settings;
    this.#stripe = new (loadStripe())(settings.secretKey, {
      timeout: TIMEOUT_MS,
      maxNetworkRetries: RETRIES_MAX,
      ...(host === undefined ? {} : { host }),
      ...(port === undefined ? {} : { port }),
      ...(protocol === undefined ? {} : { protocol }),
    });
  }

  async checkout(order: TopUpOrder): Promise<Checkout> {
    const metadata = { top_up_id: order.topUpId, account_id: order.accountId };
    const session = await this.#stripe.checkout.sessions.create(
      {
        mode: 'payment',
        client_reference_id: order.topUpId,
        line_items: [
          {
            quantity: 1,
            price_data: { currency: 'usd', unit_amount: centsOf(order), product_data: { name: 'EcoLink credit' } },
          },
        ],
        metadata,
        payment_intent_data: { metadata },
        ...(order.customerId === undefined ? {} : { customer: order.customerId }),
        success_url: this.returnUrl('paid'),
        cancel_url: this.returnUrl('cancelled'),
      },
      { idempotencyKey: order.topUpId },
    );
    if (session.url === null) throw new Error('Stripe opened a checkout without an address');
    return { kind: 'open', checkoutUrl: session.url };
  }

  async charge(order: TopUpOrder, card: Card): Promise<Charge> {
    try {
      const intent = await this.#stripe.paymentIntents.create(
        {
          amount: centsOf(order),
          currency: 'usd',
          customer: card.customerId,
          ...(card.paymentMethod === null ? {} : { payment_method: card.paymentMethod }),
          // Methods that redirect the payer would need a return address, and nobody is there.
          automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
          off_session: true,
          confirm: true,
          metadata: { top_up_id: order.topUpId, account_id: order.accountId },
        },
        { idempotencyKey: order.topUpId },
      );
      if (intent.status === 'succeeded') return { kind: 'paid', paymentId: intent.id, receiptUrl: null };
      return { kind: 'declined', reason: `the payment is ${intent.status}` };
    } catch (error) {
      if (error instanceof loadStripe().errors.StripeCardError) return { kind: 'declined', reason: error.message };
      throw error;
    }
  }

  async saveCard(accountId: string, known: Card | undefined): Promise<{ card: Card; setupUrl: string | null }> {
    const metadata = { account_id: accountId };
    const customerId =
      known?.customerId ?? (await this.#stripe.customers.create({ metadata }, { idempotencyKey: `customer_${accountId}` })).id;
    const session = await this.#stripe.checkout.sessions.create({
      ...{ mode: 'setup', currency: 'usd', customer: customerId, metadata, client_reference_id: accountId },
      success_url: this.returnUrl('saved'),
      cancel_url: this.returnUrl('cancelled'),
    });
    return { card: known ?? { customerId, paymentMethod: null, brand: null, last4: null }, setupUrl: session.url };
  }

  /** The card that a setup has saved. */
  async cardOfSetup(setupIntentId: string, customerId: string): Promise<Card> {
    const intent = await this.#stripe.setupIntents.retrieve(setupIntentId, { expand: ['payment_method'] });
    const method = typeof intent.payment_method === 'object' ? intent.payment_method : null;
    const { brand = null, last4 = null } = method?.card ?? {};
    return { customerId, paymentMethod: method?.id ?? null, brand, last4 };
  }

  /** Throws where the body was not signed with the webhook's secret in the last minutes. */
  eventOf(body: Buffer, signature: string, secret: string): Stripe.Event {
    return this.#stripe.webhooks.constructEvent(body, signature, secret);
  }

  private returnUrl(outcome: string): string {
    return `${this.settings.publicUrl}/console/billing?payment=${outcome}`;
  }
}

function centsOf({ amountNanoUsd }: TopUpOrder): number {
  return Number(amountNanoUsd / NANO_USD_PER_CENT);
}
