import { createFileRoute } from '@tanstack/react-router';
import { z } from 'zod';
import { preload } from '../../api/preload.js';
import { BillingPage } from '../../features/billing/billing-page.js';
import { budgetsQuery, cardQuery, GROUPS, RANGES, TYPES } from '../../features/billing/queries.js';
import { billingSummaryQuery } from '../../features/billing/summary.js';

const day = z.iso.date().optional().catch(undefined);

export const Route = createFileRoute('/_shell/billing')({
  validateSearch: z.object({
    by: z.enum(GROUPS).optional().catch(undefined),
    range: z.enum(RANGES).optional().catch(undefined),
    type: z.enum(TYPES).optional().catch(undefined),
    from: day,
    to: day,
    dialog: z.literal('top-up').optional().catch(undefined),
    payment: z.enum(['paid', 'saved', 'cancelled']).optional().catch(undefined),
  }),
  loader: ({ context: { queryClient } }) => {
    preload(queryClient.query(billingSummaryQuery));
    preload(queryClient.query(cardQuery));
    preload(queryClient.query(budgetsQuery));
  },
  component: BillingRoute,
});

function BillingRoute() {
  return <BillingPage search={Route.useSearch()} />;
}
