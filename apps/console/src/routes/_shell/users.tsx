import { createFileRoute } from '@tanstack/react-router';
import { z } from 'zod';
import { preload } from '../../api/preload.js';
import { membersQuery } from '../../features/users/queries.js';
import { UsersPage } from '../../features/users/users-page.js';

export const Route = createFileRoute('/_shell/users')({
  validateSearch: z.object({ invite: z.literal('new').optional().catch(undefined) }),
  loader: ({ context: { queryClient } }) => preload(queryClient.query(membersQuery)),
  component: UsersRoute,
});

function UsersRoute() {
  return <UsersPage inviting={Route.useSearch().invite !== undefined} />;
}
