import { autoRechargeView, cardView, createTopUp, putAutoRecharge, topUpView, webhookReceipt } from '../../api/payments.js';
import type { Route } from '../route.js';

const payments = { owner: 'auth-billing', tag: 'billing', auth: 'owner' } as const;
const card = { ...payments, path: '/api/v1/billing/card' } as const;
const recharge = { ...payments, path: '/api/v1/billing/auto-recharge', status: 200, response: autoRechargeView } as const;

export const PAYMENT_ROUTES: readonly Route[] = [
  {
    ...payments,
    method: 'POST',
    path: '/api/v1/billing/top-ups',
    summary: 'Pay money into the account',
    body: createTopUp,
    status: 201,
    response: topUpView,
    errors: ['payments_not_configured', 'quota_reached'],
  },
  { ...recharge, method: 'GET', auth: 'principal', summary: 'Whether the saved card is charged, when and how much' },
  {
    ...recharge,
    method: 'PUT',
    summary: 'Pay from the saved card whenever the balance falls below a threshold',
    body: putAutoRecharge,
    errors: ['payments_not_configured', 'invalid_state'],
  },
  { ...card, method: 'GET', auth: 'principal', summary: 'The saved card', status: 200, response: cardView },
  {
    ...card,
    method: 'POST',
    summary: 'Enter a card to be charged later',
    status: 201,
    response: cardView,
    errors: ['payments_not_configured'],
  },
  { ...card, method: 'DELETE', summary: 'Forget the saved card; auto-recharge ends', status: 204 },
  {
    ...payments,
    method: 'POST',
    path: '/api/v1/billing/stripe-webhook',
    auth: 'none',
    summary: 'What Stripe tells of payments; signed',
    status: 200,
    response: webhookReceipt,
    errors: ['payments_not_configured', 'invalid_request', 'service_unavailable'],
  },
];
