import { z } from 'zod';

/**
 * `GET /internal/projections/<name>?since=<cursor>&after=<id>&limit=<n>` of an owner.
 *
 * Without `since`: everything. With it: what changed since the answer that carried that cursor. Pages are followed by
 * `after` until `next` is null; the cursor to keep is that of the FIRST page, so that nothing that changes while pages
 * are read can fall between.
 */
export const projectionPage = z.object({
  items: z.array(z.unknown()),
  cursor: z.string(),
  next: z.string().nullable(),
});
export type ProjectionPage = z.infer<typeof projectionPage>;

export const PROJECTION_PAGE_MAX = 5_000;

export const PROJECTIONS = {
  keys: '/internal/projections/keys',
  accounts: '/internal/projections/accounts',
  prices: '/internal/projections/prices',
  instances: '/internal/projections/instances',
  platformModels: '/internal/projections/platform-models',
  regions: '/internal/projections/regions',
  health: '/internal/projections/health',
} as const;
