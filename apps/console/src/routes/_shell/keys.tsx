import { createFileRoute } from '@tanstack/react-router';
import { z } from 'zod';
import { preload } from '../../api/preload.js';
import { KeysPage } from '../../features/keys/keys-page.js';
import { keysQuery } from '../../features/keys/queries.js';

const search = z.object({
  q: z.string().optional().catch(undefined),
  revoked: z.literal(true).optional().catch(undefined),
  create: z.literal('new').optional().catch(undefined),
  edit: z.string().optional().catch(undefined),
});

export const Route = createFileRoute('/_shell/keys')({
  validateSearch: search,
  loader: ({ context: { queryClient } }) => preload(queryClient.query(keysQuery)),
  component: KeysRoute,
});

function KeysRoute() {
  return <KeysPage search={Route.useSearch()} />;
}
