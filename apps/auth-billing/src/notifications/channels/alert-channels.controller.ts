import {
  type AlertChannelView,
  type AlertDeliveryView,
  createAlertChannel,
  type CreateAlertChannel,
  type CreatedAlertChannel,
  type IdempotentCall,
  type ListPage,
  listQuery,
  type ListQuery,
  patchAlertChannel,
  type PatchAlertChannel,
  type Principal,
  resourceId,
} from '@ecolink/contracts';
import {
  type Actor,
  CurrentActor,
  CurrentIdempotentCall,
  CurrentPrincipal,
  OwnersOnly,
  PrincipalGuard,
  ShownOnce,
  zodBody,
  zodQuery,
} from '@ecolink/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { AlertChannels } from './channels.service.js';
import { AlertDeliveries } from './deliveries.service.js';

@Controller('api/v1/alert-channels')
@UseGuards(PrincipalGuard)
@OwnersOnly()
export class AlertChannelsController {
  constructor(
    @Inject(AlertChannels) private readonly channels: AlertChannels,
    @Inject(AlertDeliveries) private readonly deliveries: AlertDeliveries,
  ) {}

  @Get()
  list(
    @CurrentPrincipal() principal: Principal,
    @Query(zodQuery(listQuery)) query: ListQuery,
  ): Promise<ListPage<AlertChannelView>> {
    return this.channels.list(principal.account_id, query);
  }

  @Post()
  @ShownOnce('secret')
  create(
    @CurrentPrincipal() principal: Principal,
    @Body(zodBody(createAlertChannel)) body: CreateAlertChannel,
    @CurrentIdempotentCall() call: IdempotentCall | undefined,
    @CurrentActor() actor: Actor,
  ): Promise<CreatedAlertChannel> {
    return this.channels.create(principal, body, call, actor);
  }

  @Patch(':id')
  patch(
    @CurrentPrincipal() principal: Principal,
    @Param('id', zodBody(resourceId)) id: string,
    @Body(zodBody(patchAlertChannel)) body: PatchAlertChannel,
    @CurrentActor() actor: Actor,
  ): Promise<AlertChannelView> {
    return this.channels.patch(principal.account_id, id, body, actor);
  }

  @Delete(':id')
  @HttpCode(204)
  delete(
    @CurrentPrincipal() principal: Principal,
    @Param('id', zodBody(resourceId)) id: string,
    @CurrentActor() actor: Actor,
  ): Promise<void> {
    return this.channels.delete(principal.account_id, id, actor);
  }

  @Post(':id/test')
  @HttpCode(200)
  test(@CurrentPrincipal() principal: Principal, @Param('id', zodBody(resourceId)) id: string): Promise<AlertDeliveryView> {
    return this.deliveries.test({ id, accountId: principal.account_id });
  }

  @Get(':id/deliveries')
  listDeliveries(
    @CurrentPrincipal() principal: Principal,
    @Param('id', zodBody(resourceId)) id: string,
    @Query(zodQuery(listQuery)) query: ListQuery,
  ): Promise<ListPage<AlertDeliveryView>> {
    return this.deliveries.list({ id, accountId: principal.account_id }, query);
  }
}
