import { requestList, requestsHistogram, requestsHistogramQuery, requestsQuery, requestView } from '../../api/requests.js';
import type { Route } from '../route.js';

const requests = { method: 'GET', owner: 'auth-billing', tag: 'billing', auth: 'principal', status: 200 } as const;

/** The request log of an account. */
export const REQUEST_ROUTES: readonly Route[] = [
  {
    ...requests,
    path: '/api/v1/requests',
    summary: 'The request log: every answer that the account’s keys were given',
    query: requestsQuery,
    response: requestList,
    alsoAnswers: ['text/csv'],
  },
  {
    ...requests,
    path: '/api/v1/requests/histogram',
    summary: 'The request log counted over time, by outcome',
    query: requestsHistogramQuery,
    response: requestsHistogram,
  },
  {
    ...requests,
    path: '/api/v1/requests/{request_id}',
    summary: 'One request, by the id in its answer’s headers',
    response: requestView,
    errors: ['not_found'],
  },
];
