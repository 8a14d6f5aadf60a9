import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, take } from '../../api/client.js';
import { text } from '../../text/index.js';
import { useKeyName } from '../requests/key-names.js';
import type { Budget } from './queries.js';

const LIMIT = 100;

/** People of the account, by whom a budget may be limited. */
export const peopleQuery = queryOptions({
  queryKey: ['users', 'names'],
  queryFn: async () => (await take(api.GET('/api/v1/members', { params: { query: { limit: LIMIT } } }))).data,
});

/** What a budget is for, in words: `Key ci-render`. */
export function useScopeText(): (budget: Pick<Budget, 'scope'>) => string {
  const keyName = useKeyName();
  const people = useQuery(peopleQuery).data ?? [];
  const { scopes } = text.billing.budgets;
  return ({ scope: { kind, id } }) => {
    if (kind === 'account' || id === null) return scopes.account;
    if (kind === 'key') return `${scopes.key} ${keyName(id)}`;
    return `${scopes.user} ${people.find(({ user_id }) => user_id === id)?.email ?? id}`;
  };
}
