import type { GpuTypeView, ListPage } from '@ecolink/contracts';
import { PrincipalGuard } from '@ecolink/service-kit';
import { Controller, Get, Inject, UseGuards } from '@nestjs/common';
import { wholeList } from '../lists/whole-list.js';
import { GpuStore } from './gpu.store.js';

@Controller('api/v1/gpu-types')
@UseGuards(PrincipalGuard)
export class GpuTypesController {
  constructor(@Inject(GpuStore) private readonly gpus: GpuStore) {}

  @Get()
  async list(): Promise<ListPage<GpuTypeView>> {
    const [types, capacity] = await Promise.all([this.gpus.types(), this.gpus.capacity()]);
    const views = types.map((type) => ({
      name: type.name,
      hourly_rate_nano_usd: type.hourlyRateNanoUsd.toString(),
      capacity: capacity
        .filter((entry) => entry.gpuType === type.name)
        .map((entry) => ({ region: entry.region, gpus: entry.gpus, gpus_free: entry.gpusFree })),
    }));
    return wholeList(views, (view) => view.name);
  }
}
