import { type ProjectionPage, PROJECTIONS } from '@ecolink/contracts';
import { InternalGuard, zodQuery } from '@ecolink/service-kit';
import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import { instanceProjectionQuery, type ProjectionQuery, projectionQuery } from './projection-query.js';
import { ProjectionsStore } from './projections.store.js';

@Controller()
@UseGuards(InternalGuard)
export class ProjectionsController {
  constructor(@Inject(ProjectionsStore) private readonly projections: ProjectionsStore) {}

  @Get(PROJECTIONS.instances)
  instances(@Query(zodQuery(instanceProjectionQuery)) query: ProjectionQuery): Promise<ProjectionPage> {
    return this.projections.instancesPage(query);
  }

  @Get(PROJECTIONS.platformModels)
  platformModels(@Query(zodQuery(projectionQuery)) query: ProjectionQuery): Promise<ProjectionPage> {
    return this.projections.platformModelsPage(query);
  }

  @Get(PROJECTIONS.regions)
  regions(@Query(zodQuery(projectionQuery)) query: ProjectionQuery): Promise<ProjectionPage> {
    return this.projections.regionsPage(query);
  }
}
