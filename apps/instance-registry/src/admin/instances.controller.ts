import {
  adminInstancesQuery,
  type AdminInstancesQuery,
  type AdminInstanceView,
  drainInstanceByAdmin,
  type DrainInstanceByAdmin,
  type ListPage,
  parseInstanceId,
  priceTargetOfInstance,
  terminateInstanceByAdmin,
  type TerminateInstanceByAdmin,
  updateInstanceByAdmin,
  type UpdateInstanceByAdmin,
} from '@ecolink/contracts';
import { type Actor, AdminGuard, type ChangeNote, CurrentActor, NoteChange, zodBody, zodQuery } from '@ecolink/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { changedMembers } from '../audit/audit-event.js';
import { auditedInstance } from '../audit/audited-instance.js';
import { Billing } from '../billing/billing.js';
import { InstanceActions } from '../instances/instance-actions.js';
import { ShowInstances } from '../instances/show-instances.js';

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
    return this.show.adminList(accountId, page);
  }

  @Get(':id')
  async get(@Param('id') id: string): Promise<AdminInstanceView> {
    return this.show.oneForAdmin(await this.actions.find('everyone', parseInstanceId(id)));
  }

  @Patch(':id')
  async update(
    @Param('id') id: string,
    @Body(zodBody(updateInstanceByAdmin)) body: UpdateInstanceByAdmin,
    @NoteChange() note: ChangeNote,
  ): Promise<AdminInstanceView> {
    const instance = await this.actions.find('everyone', parseInstanceId(id));
    const { prices: before } = await this.show.oneForAdmin(instance);
    await this.billing.putPrices(priceTargetOfInstance(instance.id), body.prices);
    const view = await this.show.oneForAdmin(instance);
    note({ target: String(instance.id), before: { prices: before }, after: { prices: view.prices } });
    return view;
  }

  @Post(':id/drain')
  @HttpCode(200)
  async drain(
    @Param('id') id: string,
    @Body(zodBody(drainInstanceByAdmin)) body: DrainInstanceByAdmin,
    @CurrentActor() actor: Actor,
    @NoteChange() note: ChangeNote,
  ): Promise<AdminInstanceView> {
    const before = await this.actions.find('everyone', parseInstanceId(id));
    const instance = await this.actions.stop('everyone', before.id, actor, body.reason);
    note({ target: String(instance.id), ...changedMembers(auditedInstance(before), auditedInstance(instance)) });
    return this.show.oneForAdmin(instance);
  }

  @Post(':id/terminate')
  @HttpCode(200)
  async terminate(
    @Param('id') id: string,
    @Body(zodBody(terminateInstanceByAdmin)) body: TerminateInstanceByAdmin,
    @CurrentActor() actor: Actor,
    @NoteChange() note: ChangeNote,
  ): Promise<AdminInstanceView> {
    const before = await this.actions.find('everyone', parseInstanceId(id));
    const instance = await this.actions.terminateByAdmin(before.id, body.reason, actor);
    const target = String(instance.id);
    note({ target, ...changedMembers(auditedInstance(before), auditedInstance(instance)) });
    return this.show.oneForAdmin(instance);
  }
}
