import {
  billingSummary,
  callList,
  callsQuery,
  transactionList,
  transactionsQuery,
  usageQuery,
  usageReport,
} from '../../api/billing.js';
import { createSession, meView, setActiveAccount } from '../../api/session.js';
import type { Route } from '../route.js';

const session = { owner: 'auth-billing', tag: 'session' } as const;
const billing = { method: 'GET', owner: 'auth-billing', tag: 'billing', auth: 'principal', status: 200 } as const;

/** A customer's own account: who calls, money. */
export const ACCOUNT_ROUTES: readonly Route[] = [
  {
    ...session,
    method: 'POST',
    path: '/api/v1/session',
    auth: 'none',
    summary: 'Sign in: sets the session cookie',
    body: createSession,
    status: 201,
    response: meView,
    errors: ['invalid_credentials', 'mfa_required', 'origin_refused', 'rate_limit_exceeded'],
  },
  { ...session, method: 'DELETE', path: '/api/v1/session', auth: 'session', summary: 'Sign out', status: 204 },
  {
    ...session,
    method: 'GET',
    path: '/api/v1/me',
    auth: 'principal',
    summary: 'Who calls, and its accounts',
    status: 200,
    response: meView,
  },
  {
    ...session,
    method: 'PUT',
    path: '/api/v1/me/active-account',
    auth: 'session',
    summary: 'Switch to another account',
    body: setActiveAccount,
    status: 200,
    response: meView,
    errors: ['not_found'],
  },
  { ...billing, path: '/api/v1/billing', summary: 'Balance, holds and what is being spent', response: billingSummary },
  {
    ...billing,
    path: '/api/v1/billing/transactions',
    summary: 'Ledger rows of the account',
    query: transactionsQuery,
    response: transactionList,
    alsoAnswers: ['text/csv'],
  },
  {
    ...billing,
    path: '/api/v1/billing/usage',
    summary: 'Usage and cost over time, grouped',
    query: usageQuery,
    response: usageReport,
    alsoAnswers: ['text/csv'],
  },
  {
    ...billing,
    path: '/api/v1/billing/calls',
    summary: 'Billed calls, each with its units and cost',
    query: callsQuery,
    response: callList,
  },
];
