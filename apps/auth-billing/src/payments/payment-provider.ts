export interface TopUpOrder {
  readonly topUpId: string;
  readonly accountId: string;
  readonly amountNanoUsd: bigint;
  readonly customerId: string | undefined;
}

/** What became of an order: paid at once, or the payer goes to `checkoutUrl` and the provider tells later. */
export type Checkout =
  | { readonly kind: 'paid'; readonly paymentId: string; readonly receiptUrl: string | null }
  | { readonly kind: 'open'; readonly checkoutUrl: string };

export type Charge =
  | { readonly kind: 'paid'; readonly paymentId: string; readonly receiptUrl: string | null }
  | { readonly kind: 'declined'; readonly reason: string };

export interface Card {
  readonly customerId: string;
  readonly paymentMethod: string | null;
  readonly brand: string | null;
  readonly last4: string | null;
}

/** Someone who takes payments. Orders and charges are idempotent by the id of the top-up. */
export interface PaymentProvider {
  readonly name: 'stripe' | 'test';
  checkout(order: TopUpOrder): Promise<Checkout>;
  /** Charges a saved card. Rejects where the outcome is not known; the same charge may then be asked for again. */
  charge(order: TopUpOrder, card: Card): Promise<Charge>;
  /** Begins to save a card: it is there at once, or is entered at `setupUrl` and told of later. */
  saveCard(accountId: string, known: Card | undefined): Promise<{ readonly card: Card; readonly setupUrl: string | null }>;
}
