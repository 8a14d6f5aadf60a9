import { createFileRoute } from '@tanstack/react-router';
import { z } from 'zod';
import { preload } from '../../api/preload.js';
import { instancesQuery } from '../../features/instances/queries.js';
import { platformModelsQuery } from '../../features/playground/models.js';
import { PlaygroundPage } from '../../features/playground/playground-page.js';

const search = z.object({
  tab: z.enum(['chat', 'image', 'embeddings', 'reranker', 'audio', 'video']).optional().catch(undefined),
  model: z.string().max(512).optional().catch(undefined),
  compare: z.array(z.string().max(512)).max(2).optional().catch(undefined),
  view: z.literal('code').optional().catch(undefined),
  /** The conversation. */
  c: z.string().max(64).optional().catch(undefined),
});

export const Route = createFileRoute('/_shell/playground')({
  validateSearch: search,
  loader: ({ context: { queryClient } }) => {
    preload(queryClient.query(instancesQuery));
    preload(queryClient.query(platformModelsQuery));
  },
  component: PlaygroundRoute,
});

function PlaygroundRoute() {
  const { tab = 'chat', compare = [], ...rest } = Route.useSearch();
  return <PlaygroundPage search={{ tab, compare, ...rest }} />;
}
