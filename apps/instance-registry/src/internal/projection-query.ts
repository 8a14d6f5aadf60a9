import { PROJECTION_PAGE_MAX } from '@ecolink/contracts';
import { z } from 'zod';

const digits = z.string().regex(/^[0-9]{1,18}$/, 'must be a cursor of an earlier answer');

/** Query of a projection whose ids are text. */
export const projectionQuery = z.object({
  since: digits.optional(),
  after: z.string().max(512).optional(),
  limit: z.coerce.number().int().min(1).max(PROJECTION_PAGE_MAX).default(1_000),
});
export type ProjectionQuery = z.infer<typeof projectionQuery>;

/** Query of a projection whose ids are numbers of instances. */
export const instanceProjectionQuery = projectionQuery.extend({ after: digits.optional() });
