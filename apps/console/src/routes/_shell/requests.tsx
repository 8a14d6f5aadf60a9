import { createFileRoute } from '@tanstack/react-router';
import { z } from 'zod';
import { OUTCOMES, RANGES } from '../../features/requests/queries.js';
import { RequestsPage } from '../../features/requests/requests-page.js';

const word = z.string().min(1).max(512).optional().catch(undefined);

export const Route = createFileRoute('/_shell/requests')({
  validateSearch: z.object({
    status: z.number().int().min(0).max(999).optional().catch(undefined),
    code: word,
    key: word,
    model: word,
    outcome: z.enum(OUTCOMES).optional().catch(undefined),
    region: word,
    endpoint: word,
    tag: word,
    range: z.enum(RANGES).optional().catch(undefined),
    request: word,
  }),
  component: RequestsRoute,
});

function RequestsRoute() {
  return <RequestsPage search={Route.useSearch()} />;
}
