import type { ListPage, RegionView } from '@ecolink/contracts';
import { PrincipalGuard, wholeList } from '@ecolink/service-kit';
import { Controller, Get, Inject, UseGuards } from '@nestjs/common';
import { CLOCK, type Clock } from '../settings.js';
import { regionViewOf } from './region-view.js';
import { RegionsStore } from './regions.store.js';

@Controller('api/v1/regions')
@UseGuards(PrincipalGuard)
export class RegionsController {
  constructor(
    @Inject(RegionsStore) private readonly regions: RegionsStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  async list(): Promise<ListPage<RegionView>> {
    const now = this.clock();
    const regions = await this.regions.all();
    return wholeList(
      regions.map((region) => regionViewOf(region, now)),
      (region) => region.region,
    );
  }
}
