import { queryOptions } from '@tanstack/react-query';
import { take } from '../../api/client.js';
import { adminApi, type Schemas } from '../api.js';
import type { AdminList } from '../parts/admin-table.js';
import { useAdminList } from '../parts/use-admin-list.js';

export type Account = Schemas['Account'];

/** All accounts, newest first. */
export function useAccounts(): AdminList<Account> {
  return useAdminList(['accounts'], (page) => take(adminApi.GET('/admin/v1/accounts', { params: { query: page } })));
}

/** Names of plans, for choosing one. */
export const planNamesQuery = queryOptions({
  queryKey: ['plans', 'names'],
  queryFn: async () => (await take(adminApi.GET('/admin/v1/plans'))).data.map(({ name }) => name),
  refetchOnWindowFocus: false,
});
