import {
  adminInstancesQuery,
  type AdminInstancesQuery,
  type AdminInstanceView,
  type ListPage,
  parseInstanceId,
  priceTargetOfInstance,
  terminateInstanceByAdmin,
  type TerminateInstanceByAdmin,
  updateInstanceByAdmin,
  type UpdateInstanceByAdmin,
} from '@ecolink/contracts';
import { AdminGuard, zodBody, zodQuery } from '@ecolink/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { Billing } from '../billing/billing.js';
import { InstanceActions } from '../instances/instance-actions.js';
import { ShowInstances } from '../instances/show-instances.js';
import { pageRequest } from '../lists/page.js';

@Controller('admin/v1/instances')
@UseGuards(AdminGuard)
export class AdminInstancesController {
  constructor(
    @Inject(InstanceActions) private readonly actions: InstanceActions,
    @Inject(ShowInstances) private readonly show: ShowInstances,
    @Inject(Billing) private readonly billing: Billing,
  ) {}

  @Get()
  list(@Query(zodQuery(adminInstancesQuery)) query: AdminInstancesQuery): Promise<ListPage<AdminInstanceView, number>> {
    const { account_id: accountId, ...page } = query;
    return this.show.adminList(accountId, pageRequest(page));
  }

  @Get(':id')
  async get(@Param('id') id: string): Promise<AdminInstanceView> {
    return this.show.oneForAdmin(await this.actions.find('everyone', parseInstanceId(id)));
  }

  @Patch(':id')
  async update(
    @Param('id') id: string,
    @Body(zodBody(updateInstanceByAdmin)) body: UpdateInstanceByAdmin,
  ): Promise<AdminInstanceView> {
    const instance = await this.actions.find('everyone', parseInstanceId(id));
    await this.billing.putPrices(priceTargetOfInstance(instance.id), body.prices);
    return this.show.oneForAdmin(instance);
  }

  @Post(':id/terminate')
  @HttpCode(200)
  async terminate(
    @Param('id') id: string,
    @Body(zodBody(terminateInstanceByAdmin)) body: TerminateInstanceByAdmin,
  ): Promise<AdminInstanceView> {
    return this.show.oneForAdmin(await this.actions.terminateByAdmin(parseInstanceId(id), body.reason));
  }
}
