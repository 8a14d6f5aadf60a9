import { type InstanceMetrics, instanceMetricsRequest, type InstanceMetricsRequest } from '@ecolink/contracts';
import { InternalGuard, zodQuery } from '@ecolink/service-kit';
import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import { InstanceMetricsReport } from './instance-metrics.service.js';

@Controller('internal/instance-metrics')
@UseGuards(InternalGuard)
export class InternalMetricsController {
  constructor(@Inject(InstanceMetricsReport) private readonly report: InstanceMetricsReport) {}

  @Get()
  read(@Query(zodQuery(instanceMetricsRequest)) ask: InstanceMetricsRequest): Promise<InstanceMetrics> {
    return this.report.read(ask);
  }
}
