import type { ProjectionPage } from '@ecolink/contracts';
import { InternalGuard, zodQuery } from '@ecolink/service-kit';
import { Controller, Get, Inject, Param, Query, UseGuards } from '@nestjs/common';
import { RegionsStore } from '../regions/regions.store.js';
import { CLOCK, type Clock } from '../settings.js';
import { GatewayDeployments } from './gateway-deployments.js';
import { instanceProjectionQuery, type ProjectionQuery } from './projection-query.js';
import { ProjectionsStore } from './projections.store.js';

/** A gateway that starts learns of what ended within this time, so that it ends pods that outlived it. */
const TERMINATED_SHOWN_MS = 60 * 60 * 1_000;

@Controller('internal/gateways')
@UseGuards(InternalGuard)
export class GatewaysController {
  constructor(
    @Inject(ProjectionsStore) private readonly projections: ProjectionsStore,
    @Inject(GatewayDeployments) private readonly gateways: GatewayDeployments,
    @Inject(RegionsStore) private readonly regions: RegionsStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get(':region/deployments')
  async deployments(
    @Param('region') region: string,
    @Query(zodQuery(instanceProjectionQuery)) query: ProjectionQuery,
  ): Promise<ProjectionPage> {
    const now = this.clock();
    await this.regions.noteContact(region, now);
    const terminatedSince = new Date(now.getTime() - TERMINATED_SHOWN_MS);
    return this.projections.deploymentsPage(region, query, terminatedSince, (transaction, instances) =>
      this.gateways.show(transaction, region, instances),
    );
  }
}
