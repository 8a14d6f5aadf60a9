import { queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { api, take } from '../../api/client.js';
import { Problem } from '../../api/problem.js';

const ZONE_STALE_MS = 300_000;

export type Me = Awaited<ReturnType<typeof loadMe>>;
export type Role = 'owner' | 'member';

async function loadMe() {
  return take(api.GET('/api/v1/me'));
}

/** Who is signed in, and to which account. A `Problem` 401 when there is no session. */
export const meQuery = queryOptions({ queryKey: ['me'], queryFn: loadMe, staleTime: 60_000 });

/** Below the shell there is always a session. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}

export interface ActiveAccount {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

export function activeAccountOf(me: Me): ActiveAccount | undefined {
  return me.accounts.find(({ id }) => id === me.active_account_id) ?? me.accounts[0];
}

/** The account whose data every page shows, and what the person may do there. */
export function useActiveAccount(): ActiveAccount | undefined {
  return activeAccountOf(useMe());
}

export const accountQuery = queryOptions({
  queryKey: ['account'],
  queryFn: async () => take(api.GET('/api/v1/account')),
  staleTime: ZONE_STALE_MS,
  retry: (failures, error) => failures < 1 && !(error instanceof Problem && error.status === 404),
});

/** How this installation takes people in: sign-up mode, and whether an OpenID provider is set up. */
export const signupInfoQuery = queryOptions({
  queryKey: ['signup'],
  queryFn: async () => take(api.GET('/api/v1/signup')),
  staleTime: ZONE_STALE_MS,
  retry: false,
});

/** The zone that all times are shown in: the account's. UTC until it is known. */
export function useZone(): string {
  return useQuery(accountQuery).data?.time_zone ?? 'UTC';
}
