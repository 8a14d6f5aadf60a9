import { queryOptions, useQuery } from '@tanstack/react-query';
import { allPages, PAGE_LIMIT } from '../../api/all-pages.js';
import { api, take } from '../../api/client.js';
import { text } from '../../text/index.js';
import { useActiveAccount } from '../session/queries.js';

export const membersQuery = queryOptions({
  queryKey: ['users', 'members'],
  queryFn: async () => allPages(async (after) => take(api.GET('/api/v1/members', { params: { query: pageOf(after) } }))),
});

export type Member = Awaited<ReturnType<NonNullable<typeof membersQuery.queryFn>>>[number];

/** Invites that may still be accepted. Only owners may list them. */
export const invitesQuery = queryOptions({
  queryKey: ['users', 'invites'],
  queryFn: async () => allPages(async (after) => take(api.GET('/api/v1/invites', { params: { query: pageOf(after) } }))),
});

export type Invite = Awaited<ReturnType<NonNullable<typeof invitesQuery.queryFn>>>[number];

function pageOf(after: string | undefined) {
  return after === undefined ? { limit: PAGE_LIMIT } : { limit: PAGE_LIMIT, after };
}

/** Why a member may not do what `what` names ("Only owners can invite."), with whom to ask; undefined for owners. */
export function useOwnersOnly(what: string): string | undefined {
  const isOwner = useActiveAccount()?.role === 'owner';
  const { data: members = [] } = useQuery({ ...membersQuery, enabled: !isOwner });
  if (isOwner) return undefined;
  const owners = members.filter(({ role }) => role === 'owner').map(({ email }) => email);
  return owners.length === 0 ? `${what} ${text.users.askOwner}` : `${what} ${text.users.askOwners(owners)}`;
}
