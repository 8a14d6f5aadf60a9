import type { PaymentProvider } from './payment-provider.js';

/** Takes every payment at once, for trying out; a card that ends in 0002 is declined. Only with `ECOLINK_TEST_PAYMENTS=1`. */
export const testProvider: PaymentProvider = {
  name: 'test',
  checkout: ({ topUpId }) => Promise.resolve({ kind: 'paid', paymentId: `test_${topUpId}`, receiptUrl: null }),
  charge: ({ topUpId }, card) =>
    Promise.resolve(
      card.last4 === '0002'
        ? { kind: 'declined', reason: 'the card was declined' }
        : { kind: 'paid', paymentId: `test_${topUpId}`, receiptUrl: null },
    ),
  saveCard: (accountId) =>
    Promise.resolve({
      card: { customerId: `test_${accountId}`, paymentMethod: 'test_card', brand: 'test', last4: '4242' },
      setupUrl: null,
    }),
};
