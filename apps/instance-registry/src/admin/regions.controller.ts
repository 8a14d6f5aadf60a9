import {
  type AdminRegionView,
  ApiError,
  type ListPage,
  patchRegion,
  type PatchRegion,
  putRegion,
  type PutRegion,
  regionCode,
} from '@ecolink/contracts';
import { AdminGuard, parseOrRefuse, zodBody } from '@ecolink/service-kit';
import { Body, Controller, Get, Inject, Param, Patch, Put, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { wholeList } from '../lists/whole-list.js';
import { adminRegionViewOf } from '../regions/region-view.js';
import { RegionsStore } from '../regions/regions.store.js';
import { CLOCK, type Clock } from '../settings.js';

const codeParameter = z.object({ code: regionCode });

@Controller('admin/v1/regions')
@UseGuards(AdminGuard)
export class AdminRegionsController {
  constructor(
    @Inject(RegionsStore) private readonly regions: RegionsStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  async list(): Promise<ListPage<AdminRegionView>> {
    const now = this.clock();
    const views = (await this.regions.all()).map((region) => adminRegionViewOf(region, now));
    return wholeList(views, (view) => view.region);
  }

  @Put(':code')
  async put(@Param('code') code: string, @Body(zodBody(putRegion)) body: PutRegion): Promise<AdminRegionView> {
    parseOrRefuse(codeParameter, { code });
    return adminRegionViewOf(await this.regions.put(code, body, this.clock()), this.clock());
  }

  @Patch(':code')
  async patch(@Param('code') code: string, @Body(zodBody(patchRegion)) body: PatchRegion): Promise<AdminRegionView> {
    const region = await this.regions.patch(code, body, this.clock());
    if (region === undefined) throw new ApiError('not_found', `there is no region "${code}"`);
    return adminRegionViewOf(region, this.clock());
  }
}
