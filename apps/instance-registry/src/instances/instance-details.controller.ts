import {
  formatModelId,
  type InstanceLogs,
  instanceLogsQuery,
  type InstanceLogsQuery,
  type InstanceMetrics,
  instanceMetricsQuery,
  type InstanceMetricsQuery,
  parseInstanceId,
  type Principal,
} from '@ecolink/contracts';
import { CurrentPrincipal, PrincipalGuard, zodQuery } from '@ecolink/service-kit';
import { Controller, Get, Inject, Param, Query, UseGuards } from '@nestjs/common';
import { Billing } from '../billing/billing.js';
import { InstanceActions } from './instance-actions.js';
import { ReadInstanceLogs } from './instance-logs.js';

/** What is known of an instance beside its state. */
@Controller('api/v1/instances')
@UseGuards(PrincipalGuard)
export class InstanceDetailsController {
  constructor(
    @Inject(InstanceActions) private readonly actions: InstanceActions,
    @Inject(ReadInstanceLogs) private readonly readLogs: ReadInstanceLogs,
    @Inject(Billing) private readonly billing: Billing,
  ) {}

  @Get(':id/logs')
  async logs(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query(zodQuery(instanceLogsQuery)) query: InstanceLogsQuery,
  ): Promise<InstanceLogs> {
    const instance = await this.actions.find({ accountId: principal.account_id }, parseInstanceId(id));
    return this.readLogs.read(instance, query.lines);
  }

  @Get(':id/metrics')
  async metrics(
    @CurrentPrincipal() { account_id: accountId }: Principal,
    @Param('id') id: string,
    @Query(zodQuery(instanceMetricsQuery)) { from, to, buckets }: InstanceMetricsQuery,
  ): Promise<InstanceMetrics> {
    const instance = await this.actions.find({ accountId }, parseInstanceId(id));
    return this.billing.metrics({
      account_id: accountId,
      instance_id: instance.id,
      model: formatModelId(instance.modelName, instance.id),
      from: from?.toISOString(),
      to: to?.toISOString(),
      buckets,
    });
  }
}
