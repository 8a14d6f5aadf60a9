import { ApiError } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { createLogger } from '@ecolink/runtime';
import { Inject, Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { type Clock, CLOCK, PAYMENT_PROVIDER, SETTINGS, type Settings } from '../injection.js';
import type { PaymentProvider } from './payment-provider.js';
import { findTopUp, findTopUpOfPayment, saveCard, type TopUpRow } from './payments.store.js';
import { keepReceipt, settlePaid, settleReturned, settleUnpaid } from './settle-payment.js';
import { NANO_USD_PER_CENT, StripeProvider } from './stripe-provider.js';

const RECEIPT_URL_LENGTH_MAX = 2_048;

/** Takes Stripe's signed messages. They come twice and in any order; each says what is so, and changes only what was not. */
@Injectable()
export class StripeWebhook {
  private readonly logger = createLogger('auth-billing');

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(PAYMENT_PROVIDER) private readonly configured: { readonly provider: PaymentProvider | undefined },
  ) {}

  /** 503 without a provider or a webhook secret, 400 for a body that was not signed with it. */
  async receive(body: Buffer | undefined, signature: string | undefined): Promise<void> {
    const { provider } = this.configured;
    const secret = this.settings.stripe?.webhookSecret;
    if (!(provider instanceof StripeProvider) || secret === undefined)
      throw new ApiError('payments_not_configured', 'no secret for messages of Stripe is configured');
    let event: Stripe.Event;
    try {
      event = provider.eventOf(body ?? Buffer.alloc(0), signature ?? '', secret);
    } catch {
      throw new ApiError('invalid_request', 'the message is not signed with this installation\u2019s secret');
    }
    await this.take(event, provider);
  }

  private async take(event: Stripe.Event, provider: StripeProvider): Promise<void> {
    switch (event.type) {
      case 'checkout.session.completed':
      case 'checkout.session.async_payment_succeeded':
        return this.takeSession(event.data.object, provider);
      case 'checkout.session.expired':
        return this.takeUnpaid(event.data.object.client_reference_id, 'expired');
      case 'checkout.session.async_payment_failed':
        return this.takeUnpaid(event.data.object.client_reference_id, 'failed');
      case 'payment_intent.succeeded': {
        const { id, metadata, amount_received: cents, currency } = event.data.object;
        return this.takePaid(metadata['top_up_id'], { paymentId: id, receiptUrl: null }, { cents, currency });
      }
      case 'charge.succeeded':
      case 'charge.updated': {
        const { metadata, receipt_url: receiptUrl } = event.data.object;
        return this.takeReceipt(metadata['top_up_id'], receiptUrl);
      }
      case 'charge.refunded': {
        const { payment_intent: payment, amount_refunded: cents, currency } = event.data.object;
        return this.takeReturned(idOf(payment), { kind: 'refund', cents, currency });
      }
      case 'charge.dispute.created':
      case 'charge.dispute.closed': {
        const { payment_intent: payment, amount, currency, status } = event.data.object;
        return this.takeReturned(idOf(payment), { kind: 'dispute', cents: status === 'won' ? 0 : amount, currency });
      }
      default:
        return undefined;
    }
  }

  private async takeSession(session: Stripe.Checkout.Session, provider: StripeProvider): Promise<void> {
    if (session.mode === 'setup') return this.takeCard(session, provider);
    if (session.payment_status !== 'paid') return;
    const paymentId = idOf(session.payment_intent);
    if (paymentId === undefined) return;
    const money = { cents: session.amount_total ?? 0, currency: session.currency ?? '' };
    await this.takePaid(session.client_reference_id ?? undefined, { paymentId, receiptUrl: null }, money);
  }

  private async takeCard(session: Stripe.Checkout.Session, provider: StripeProvider): Promise<void> {
    const [setup, customer] = [idOf(session.setup_intent), idOf(session.customer)];
    const accountId = session.client_reference_id;
    if (setup === undefined || customer === undefined || accountId === null) return;
    await saveCard(this.database.client, accountId, provider.name, await provider.cardOfSetup(setup, customer));
  }

  private async takePaid(
    topUpId: string | undefined,
    paid: { paymentId: string; receiptUrl: string | null },
    money: Money,
  ): Promise<void> {
    const topUp = await this.known(topUpId);
    if (topUp === undefined) return;
    if (!isSame(topUp, money)) return this.refuse(topUp, money);
    await this.database.transaction((transaction) => settlePaid(transaction, topUp.id, paid, this.clock()));
  }

  /** Where the payer finds the receipt; told beside the payment, before or after it. */
  private async takeReceipt(topUpId: string | undefined, receiptUrl: string | null): Promise<void> {
    if (topUpId === undefined || receiptUrl?.startsWith('https://') !== true || receiptUrl.length > RECEIPT_URL_LENGTH_MAX)
      return;
    const topUp = await this.known(topUpId);
    if (topUp === undefined) return;
    await this.database.transaction((transaction) => keepReceipt(transaction, topUp.id, receiptUrl));
  }

  private async takeUnpaid(topUpId: string | null, status: 'expired' | 'failed'): Promise<void> {
    const topUp = await this.known(topUpId ?? undefined);
    if (topUp === undefined) return;
    await this.database.transaction((transaction) => settleUnpaid(transaction, topUp.id, { status, reason: null }, this.clock()));
  }

  private async takeReturned(paymentId: string | undefined, returned: Money & { kind: 'refund' | 'dispute' }): Promise<void> {
    if (paymentId === undefined) return;
    const topUp = await findTopUpOfPayment(this.database.client, paymentId);
    // Told before the payment: Stripe tells it again.
    if (topUp?.provider !== 'stripe') throw new ApiError('service_unavailable', 'the payment itself is not known yet');
    const totalNanoUsd = BigInt(returned.cents) * NANO_USD_PER_CENT;
    if (returned.currency !== 'usd' || totalNanoUsd > topUp.amountNanoUsd) return this.refuse(topUp, returned);
    await this.database.transaction((transaction) =>
      settleReturned(transaction, topUp.id, { kind: returned.kind, totalNanoUsd }, this.clock()),
    );
  }

  /** Nothing for what this installation did not order, or another provider was asked for. */
  private async known(topUpId: string | undefined): Promise<TopUpRow | undefined> {
    const topUp = topUpId === undefined ? undefined : await findTopUp(this.database.client, topUpId);
    if (topUp?.provider === 'stripe') return topUp;
    this.logger.warn({ event: 'payment.unknown', top_up_id: topUpId ?? null });
    return undefined;
  }

  private refuse(topUp: TopUpRow, { cents, currency }: Money): void {
    this.logger.error({ event: 'payment.mismatch', top_up_id: topUp.id, cents, currency });
  }
}

interface Money {
  readonly cents: number;
  readonly currency: string;
}

function isSame(topUp: TopUpRow, { cents, currency }: Money): boolean {
  return currency === 'usd' && BigInt(cents) * NANO_USD_PER_CENT === topUp.amountNanoUsd;
}

function idOf(value: string | { readonly id: string } | null | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.id;
}
