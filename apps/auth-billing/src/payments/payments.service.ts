import {
  ApiError,
  type AutoRechargeView,
  type CardView,
  type CreateTopUp,
  type IdempotentCall,
  newId,
  type PutAutoRecharge,
  topUpStatus,
  type TopUpView,
} from '@ecolink/contracts';
import { Database, settleCall } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK, PAYMENT_PROVIDER } from '../injection.js';
import type { PaymentProvider } from './payment-provider.js';
import {
  countPending,
  findAutoRecharge,
  findCard,
  findTopUp,
  forgetCard,
  saveAutoRecharge,
  saveCard,
  saveTopUp,
  type TopUpRow,
} from './payments.store.js';
import { settlePaid } from './settle-payment.js';

const PENDING_MAX = 20;

@Injectable()
export class Payments {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(PAYMENT_PROVIDER) private readonly configured: { readonly provider: PaymentProvider | undefined },
  ) {}

  /** The order is stored before the provider hears of it, so that whatever is paid is known. */
  async topUp(accountId: string, body: CreateTopUp, call: IdempotentCall | undefined): Promise<TopUpView> {
    const provider = this.provider();
    const { client } = this.database;
    if ((await countPending(client, accountId)) >= PENDING_MAX)
      throw new ApiError('quota_reached', `${PENDING_MAX} payments are open; finish one, or wait until it expires`);
    const now = this.clock();
    const amountNanoUsd = BigInt(body.amount_nano_usd);
    const row = await saveTopUp(client, newTopUp({ accountId, kind: 'topup', provider: provider.name, amountNanoUsd, now }));
    const customerId = (await findCard(client, accountId, provider.name))?.customerId;
    const checkout = await provider.checkout({ topUpId: row.id, accountId, amountNanoUsd, customerId });
    return this.database.transaction(async (transaction) => {
      if (checkout.kind === 'paid') await settlePaid(transaction, row.id, checkout, now);
      else await saveTopUp(transaction, { ...row, checkoutUrl: checkout.checkoutUrl });
      const view = toView((await findTopUp(transaction, row.id)) ?? row);
      await settleCall(transaction, call, { status: 201, body: view });
      return view;
    });
  }

  async card(accountId: string): Promise<CardView> {
    const { provider } = this.configured;
    const card = provider === undefined ? undefined : await findCard(this.database.client, accountId, provider.name);
    return { brand: card?.brand ?? null, last4: card?.last4 ?? null, setup_url: null };
  }

  async addCard(accountId: string): Promise<CardView> {
    const provider = this.provider();
    const { client } = this.database;
    const saved = await provider.saveCard(accountId, await findCard(client, accountId, provider.name));
    await saveCard(client, accountId, provider.name, saved.card);
    return { brand: saved.card.brand, last4: saved.card.last4, setup_url: saved.setupUrl };
  }

  removeCard(accountId: string): Promise<void> {
    return this.database.transaction((transaction) => forgetCard(transaction, accountId));
  }

  async autoRecharge(accountId: string): Promise<AutoRechargeView> {
    const row = await findAutoRecharge(this.database.client, accountId);
    return {
      enabled: row?.enabled ?? false,
      threshold_nano_usd: String(row?.thresholdNanoUsd ?? 0n),
      amount_nano_usd: String(row?.amountNanoUsd ?? 0n),
    };
  }

  async putAutoRecharge(accountId: string, body: PutAutoRecharge): Promise<AutoRechargeView> {
    const provider = this.provider();
    const card = await findCard(this.database.client, accountId, provider.name);
    if (body.enabled && (card?.paymentMethod ?? null) === null)
      throw new ApiError('invalid_state', 'there is no saved card to charge: save one first');
    await saveAutoRecharge(this.database.client, {
      ...{ accountId, enabled: body.enabled, failures: 0, nextTryAt: this.clock() },
      thresholdNanoUsd: BigInt(body.threshold_nano_usd),
      amountNanoUsd: BigInt(body.amount_nano_usd),
    });
    return body;
  }

  private provider(): PaymentProvider {
    const { provider } = this.configured;
    if (provider === undefined) throw new ApiError('payments_not_configured', 'this installation takes no payments');
    return provider;
  }
}

type NewTopUp = Pick<TopUpRow, 'accountId' | 'kind' | 'provider' | 'amountNanoUsd'> & { readonly now: Date };

export function newTopUp({ now, ...parts }: NewTopUp): TopUpRow {
  return {
    ...parts,
    id: newId('top', now.getTime()),
    status: 'pending',
    ...{ paymentId: null, checkoutUrl: null, receiptUrl: null, failure: null },
    ...{ refundedNanoUsd: 0n, disputedNanoUsd: 0n, createdAt: now, settledAt: null },
  };
}

function toView(row: TopUpRow): TopUpView {
  return {
    id: row.id,
    status: topUpStatus.parse(row.status),
    amount_nano_usd: String(row.amountNanoUsd),
    checkout_url: row.checkoutUrl,
    created_at: row.createdAt.toISOString(),
  };
}
