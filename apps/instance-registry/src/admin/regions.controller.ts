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
import { AdminGuard, type ChangeNote, NoteChange, parseOrRefuse, zodBody, wholeList } from '@ecolink/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Put, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { adminRegionViewOf } from '../regions/region-view.js';
import { RegionsStore, type StoredRegion } from '../regions/regions.store.js';
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
  async put(
    @Param('code') code: string,
    @Body(zodBody(putRegion)) body: PutRegion,
    @NoteChange() note: ChangeNote,
  ): Promise<AdminRegionView> {
    parseOrRefuse(codeParameter, { code });
    const before = await this.find(code);
    const region = await this.regions.put(code, body, this.clock());
    note({ target: code, before: before && audited(before), after: audited(region) });
    return adminRegionViewOf(region, this.clock());
  }

  @Patch(':code')
  async patch(
    @Param('code') code: string,
    @Body(zodBody(patchRegion)) body: PatchRegion,
    @NoteChange() note: ChangeNote,
  ): Promise<AdminRegionView> {
    const before = await this.find(code);
    const region = await this.regions.patch(code, body, this.clock());
    if (region === undefined) throw new ApiError('not_found', `there is no region "${code}"`);
    note({ target: code, before: before && audited(before), after: audited(region) });
    return adminRegionViewOf(region, this.clock());
  }

  @Delete(':code')
  @HttpCode(204)
  async remove(@Param('code') code: string, @NoteChange() note: ChangeNote): Promise<void> {
    const before = await this.find(code);
    const region = await this.regions.remove(code, this.clock());
    if (region === undefined) throw new ApiError('not_found', `there is no region "${code}"`);
    note({ target: code, before: before && audited(before) });
  }

  private async find(code: string): Promise<StoredRegion | undefined> {
    return (await this.regions.all()).find((region) => region.code === code);
  }
}

/** Without the driver's configuration, which may name secrets of the region. */
function audited({ name, gatewayUrl, driver, state }: StoredRegion): object {
  return { name, gateway_url: gatewayUrl, driver, state };
}
