import { PROJECTION_PAGE_MAX, type ProjectionPage, queryLimit } from '@ecolink/contracts';
import { InternalGuard, zodQuery } from '@ecolink/service-kit';
import { Controller, Get, Headers, Inject, Query, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { type Clock, CLOCK } from '../../injection.js';
import { RouterContacts } from '../overview/router-contacts.js';
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
  constructor(
    @Inject(Projections) private readonly projections: Projections,
    @Inject(RouterContacts) private readonly routers: RouterContacts,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get('keys')
  keys(@Query(zodQuery(projectionQuery)) query: ProjectionQuery): Promise<ProjectionPage> {
    return this.projections.keys(query);
  }

  @Get('accounts')
  accounts(
    @Query(zodQuery(projectionQuery)) query: ProjectionQuery,
    @Headers() headers: Record<string, string | undefined>,
  ): Promise<ProjectionPage> {
    this.routers.note(headers, this.clock());
    return this.projections.accounts(query);
  }

  @Get('prices')
  prices(@Query(zodQuery(projectionQuery)) query: ProjectionQuery): Promise<ProjectionPage> {
    return this.projections.prices(query);
  }
}
