import { queryClient } from '../../api/query-client.js';
import { type Me, meQuery } from './queries.js';

/**
 * What was known of the account that was shown before is forgotten, and what is on the page is asked for again. Queries that
 * are looked at are reset rather than removed: a removed one would go on showing the former account's data.
 */
export function showAccount(me: Me): void {
  queryClient.setQueryData(meQuery.queryKey, me);
  const ofAccount = ({ queryKey }: { readonly queryKey: readonly unknown[] }): boolean => queryKey[0] !== meQuery.queryKey[0];
  queryClient.removeQueries({ type: 'inactive', predicate: ofAccount });
  void queryClient.resetQueries({ predicate: ofAccount });
}
