import { accountList, accountView, createAccount, createCredit, patchAccount } from '../../api/accounts.js';
import { apiKeyList, apiKeyView, createApiKey, createdApiKey } from '../../api/api-keys.js';
import { ledgerQuery, transactionList, transactionView, trialBalance, trialBalanceQuery } from '../../api/billing.js';
import {
  auditLog,
  auditLogQuery,
  deadLetterList,
  deadLettersQuery,
  deadLetterView,
  eventPage,
  eventsQuery,
} from '../../api/events.js';
import { listQuery } from '../../api/list.js';
import { resourceId } from '../../api/plain-text.js';
import { planList, planName, planView, putPlan } from '../../api/plans.js';
import type { Route } from '../route.js';

const operators = { owner: 'auth-billing', tag: 'operators', auth: 'admin' } as const;
const read = { ...operators, method: 'GET', status: 200 } as const;
const ofAccount = { params: { id: resourceId }, errors: ['not_found'] } as const;

/** Operators' calls that auth-billing answers. */
export const BILLING_OPERATOR_ROUTES: readonly Route[] = [
  { ...read, path: '/admin/v1/accounts', summary: 'Accounts', query: listQuery, response: accountList },
  {
    ...operators,
    method: 'POST',
    path: '/admin/v1/accounts',
    summary: 'Create an account',
    body: createAccount,
    status: 201,
    response: accountView,
  },
  { ...read, ...ofAccount, path: '/admin/v1/accounts/{id}', summary: 'An account', response: accountView },
  {
    ...operators,
    ...ofAccount,
    method: 'PATCH',
    path: '/admin/v1/accounts/{id}',
    summary: 'Change plan or status of an account',
    body: patchAccount,
    status: 200,
    response: accountView,
  },
  {
    ...operators,
    ...ofAccount,
    method: 'POST',
    path: '/admin/v1/accounts/{id}/credits',
    summary: 'Credit an account; a negative amount takes money off',
    body: createCredit,
    status: 201,
    response: transactionView,
  },
  {
    ...read,
    ...ofAccount,
    path: '/admin/v1/accounts/{id}/api-keys',
    summary: 'API keys of an account',
    query: listQuery,
    response: apiKeyList,
  },
  {
    ...operators,
    ...ofAccount,
    method: 'POST',
    path: '/admin/v1/accounts/{id}/api-keys',
    summary: 'Create an API key for an account; its text is in this answer only',
    body: createApiKey,
    status: 201,
    response: createdApiKey,
  },
  {
    ...operators,
    method: 'DELETE',
    path: '/admin/v1/accounts/{id}/api-keys/{keyId}',
    summary: 'Revoke an API key of an account',
    params: { id: resourceId, keyId: resourceId },
    status: 200,
    response: apiKeyView,
    errors: ['not_found'],
  },
  { ...read, path: '/admin/v1/plans', summary: 'Plans', response: planList },
  {
    ...read,
    path: '/admin/v1/plans/{name}',
    summary: 'A plan',
    params: { name: planName },
    response: planView,
    errors: ['not_found'],
  },
  {
    ...operators,
    method: 'PUT',
    path: '/admin/v1/plans/{name}',
    summary: 'Create or change a plan',
    params: { name: planName },
    body: putPlan,
    status: 200,
    response: planView,
  },
  {
    ...read,
    path: '/admin/v1/ledger/transactions',
    summary: 'Ledger rows of all accounts, or of one',
    query: ledgerQuery,
    response: transactionList,
    alsoAnswers: ['text/csv'],
    errors: ['not_found'],
  },
  {
    ...read,
    path: '/admin/v1/ledger/trial-balance',
    summary: 'Proof that the ledger sums to zero and the balances agree with it',
    query: trialBalanceQuery,
    response: trialBalance,
  },
  { ...read, path: '/admin/v1/events', summary: 'Events of a topic, on either engine', query: eventsQuery, response: eventPage },
  {
    ...read,
    path: '/admin/v1/dead-letters',
    summary: 'Events that a consumer gave up',
    query: deadLettersQuery,
    response: deadLetterList,
  },
  {
    ...operators,
    method: 'POST',
    path: '/admin/v1/dead-letters/{id}/replay',
    summary: 'Publish such an event once more',
    params: { id: resourceId },
    status: 200,
    response: deadLetterView,
    errors: ['not_found', 'invalid_state'],
  },
  { ...read, path: '/admin/v1/audit-log', summary: 'Calls of operators', query: auditLogQuery, response: auditLog },
];
