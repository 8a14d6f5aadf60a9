import { PROJECTION_PAGE_MAX, type ProjectionPage, queryLimit } from '@ecolink/contracts';
import { InternalGuard, zodQuery } from '@ecolink/service-kit';
import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { Projections } from './projections.store.js';

const projectionQuery = z
  .strictObject({
    since: z
      .string()
      .regex(/^[0-9]{1,18}$/, 'must be a cursor')
      .optional(),
    after: z.string().min(1).max(640).optional(),
    limit: queryLimit(PROJECTION_PAGE_MAX, PROJECTION_PAGE_MAX),
  })
  .transform(({ since, after, limit }) => ({ since, after, limit }));
type ProjectionQuery = z.output<typeof projectionQuery>;

@Controller('internal/projections')
@UseGuards(InternalGuard)
export class ProjectionsController {
  constructor(@Inject(Projections) private readonly projections: Projections) {}

  @Get('keys')
  keys(@Query(zodQuery(projectionQuery)) query: ProjectionQuery): Promise<ProjectionPage> {
    return this.projections.keys(query);
  }

  @Get('accounts')
  accounts(@Query(zodQuery(projectionQuery)) query: ProjectionQuery): Promise<ProjectionPage> {
    return this.projections.accounts(query);
  }

  @Get('prices')
  prices(@Query(zodQuery(projectionQuery)) query: ProjectionQuery): Promise<ProjectionPage> {
    return this.projections.prices(query);
  }
}
