import { type ProjectionPage, PROJECTION_PAGE_MAX } from '@ecolink/contracts';
import { InternalGuard, zodQuery } from '@ecolink/service-kit';
import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { HealthStore } from './health.store.js';

const pageQuery = z.object({
  since: z
    .string()
    .regex(/^[0-9]{1,18}$/)
    .optional(),
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(PROJECTION_PAGE_MAX).default(PROJECTION_PAGE_MAX),
});
type PageQuery = z.infer<typeof pageQuery>;

@Controller('internal/projections/health')
@UseGuards(InternalGuard)
export class HealthController {
  constructor(@Inject(HealthStore) private readonly store: HealthStore) {}

  @Get()
  page(@Query(zodQuery(pageQuery)) query: PageQuery): Promise<ProjectionPage> {
    return this.store.page({ since: query.since, after: query.after, limit: query.limit });
  }
}
