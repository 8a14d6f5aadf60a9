import { budgetList, budgetView, createBudget, patchBudget, raiseBudget } from '../../api/budgets.js';
import { listQuery } from '../../api/list.js';
import { resourceId } from '../../api/plain-text.js';
import type { Route } from '../route.js';

const budgets = { owner: 'auth-billing', tag: 'billing', path: '/api/v1/budgets' } as const;
const budget = { ...budgets, path: '/api/v1/budgets/{id}', auth: 'owner', params: { id: resourceId } } as const;

export const BUDGET_ROUTES: readonly Route[] = [
  {
    ...budgets,
    method: 'GET',
    auth: 'principal',
    summary: 'Budgets, with what their windows have spent',
    query: listQuery,
    status: 200,
    response: budgetList,
  },
  {
    ...budgets,
    method: 'POST',
    auth: 'owner',
    summary: 'Limit what calls of the account, a user or a key may cost in a period',
    body: createBudget,
    status: 201,
    response: budgetView,
    errors: ['quota_reached'],
  },
  {
    ...budget,
    method: 'PATCH',
    summary: 'Change the limit of a budget',
    body: patchBudget,
    status: 200,
    response: budgetView,
    errors: ['not_found'],
  },
  { ...budget, method: 'DELETE', summary: 'Delete a budget', status: 204, errors: ['not_found'] },
  {
    ...budget,
    method: 'POST',
    path: '/api/v1/budgets/{id}/raise',
    summary: 'Raise the limit for the window of now, once',
    body: raiseBudget,
    status: 201,
    response: budgetView,
    errors: ['not_found', 'invalid_state'],
  },
];
