import { createFileRoute } from '@tanstack/react-router';
import { z } from 'zod';
import { preload } from '../../api/preload.js';
import { modelsQuery } from '../../features/registry/queries.js';
import { RegistryPage } from '../../features/registry/registry-page.js';

export const Route = createFileRoute('/_shell/registry')({
  validateSearch: z.object({ register: z.literal('new').optional().catch(undefined) }),
  loader: ({ context: { queryClient } }) => preload(queryClient.query(modelsQuery)),
  component: RegistryRoute,
});

function RegistryRoute() {
  return <RegistryPage registering={Route.useSearch().register !== undefined} />;
}
