import {
  type InstanceRevisionView,
  type InstanceView,
  type ListPage,
  listQuery,
  type ListQuery,
  parseInstanceId,
  type Principal,
  updateInstance,
  type UpdateInstance,
} from '@ecolink/contracts';
import { type Actor, CurrentActor, CurrentPrincipal, PrincipalGuard, toListPage, zodBody, zodQuery } from '@ecolink/service-kit';
import { Body, Controller, Get, Inject, Param, Patch, Query, UseGuards } from '@nestjs/common';
import { InstanceActions } from '../instances/instance-actions.js';
import { ShowInstances } from '../instances/show-instances.js';
import { quotasOf } from '../quotas/quotas.js';
import { ReviseInstance } from './revise-instance.js';
import { RevisionsStore } from './revisions.store.js';

@Controller('api/v1/instances')
@UseGuards(PrincipalGuard)
export class RevisionsController {
  constructor(
    @Inject(ReviseInstance) private readonly reviser: ReviseInstance,
    @Inject(InstanceActions) private readonly actions: InstanceActions,
    @Inject(RevisionsStore) private readonly revisions: RevisionsStore,
    @Inject(ShowInstances) private readonly show: ShowInstances,
  ) {}

  @Patch(':id')
  async revise(
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id') id: string,
    @Body(zodBody(updateInstance)) body: UpdateInstance,
  ): Promise<InstanceView> {
    const launcher = { accountId: principal.account_id, quotas: quotasOf(principal), actor };
    return this.show.one(await this.reviser.revise(launcher, parseInstanceId(id), body));
  }

  @Get(':id/revisions')
  async list(
    @CurrentPrincipal() { account_id: accountId }: Principal,
    @Param('id') id: string,
    @Query(zodQuery(listQuery)) query: ListQuery,
  ): Promise<ListPage<InstanceRevisionView, number>> {
    const instance = await this.actions.find({ accountId }, parseInstanceId(id));
    return toListPage(await this.revisions.list(instance.id, query), query);
  }
}
