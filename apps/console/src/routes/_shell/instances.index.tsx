import { createFileRoute } from '@tanstack/react-router';
import { z } from 'zod';
import { preload } from '../../api/preload.js';
import { billingSummaryQuery } from '../../features/billing/summary.js';
import { InstancesPage } from '../../features/instances/instances-page.js';
import { instancesQuery } from '../../features/instances/queries.js';

const search = z.object({
  q: z.string().optional().catch(undefined),
  state: z.enum(['live', 'stopped', 'terminated']).optional().catch(undefined),
  category: z.enum(['chat', 'embedding', 'reranker', 'image', 'audio', 'video']).optional().catch(undefined),
  launch: z.string().optional().catch(undefined),
});
export type InstancesSearch = z.infer<typeof search>;

export const Route = createFileRoute('/_shell/instances/')({
  validateSearch: search,
  loader: ({ context: { queryClient } }) => {
    preload(queryClient.query(instancesQuery));
    preload(queryClient.query(billingSummaryQuery));
  },
  component: InstancesRoute,
});

function InstancesRoute() {
  return <InstancesPage search={Route.useSearch()} />;
}
