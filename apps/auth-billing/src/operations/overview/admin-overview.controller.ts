import type { Overview } from '@ecolink/contracts';
import { AdminGuard } from '@ecolink/service-kit';
import { Controller, Get, Inject, UseGuards } from '@nestjs/common';
import { ShowOverview } from './overview.service.js';

@Controller('admin/v1/overview')
@UseGuards(AdminGuard)
export class AdminOverviewController {
  constructor(@Inject(ShowOverview) private readonly overview: ShowOverview) {}

  @Get()
  get(): Promise<Overview> {
    return this.overview.show();
  }
}
