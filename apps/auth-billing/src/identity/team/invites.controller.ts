import {
  createInvite,
  type CreateInvite,
  type IdempotentCall,
  type InviteView,
  type ListPage,
  listQuery,
  type ListQuery,
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
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, UseGuards } from '@nestjs/common';
import { Invites } from './invites.service.js';

@Controller('api/v1/invites')
@UseGuards(PrincipalGuard)
@OwnersOnly()
export class InvitesController {
  constructor(@Inject(Invites) private readonly invites: Invites) {}

  @Get()
  list(@CurrentPrincipal() principal: Principal, @Query(zodQuery(listQuery)) query: ListQuery): Promise<ListPage<InviteView>> {
    return this.invites.list(principal.account_id, query);
  }

  @Post()
  @ShownOnce('url')
  create(
    @CurrentPrincipal() principal: Principal,
    @Body(zodBody(createInvite)) body: CreateInvite,
    @CurrentActor() actor: Actor,
    @CurrentIdempotentCall() call: IdempotentCall | undefined,
  ): Promise<InviteView> {
    return this.invites.create(principal.account_id, body.role, actor, call);
  }

  @Delete(':id')
  @HttpCode(204)
  revoke(
    @CurrentPrincipal() principal: Principal,
    @Param('id', zodBody(resourceId)) id: string,
    @CurrentActor() actor: Actor,
  ): Promise<void> {
    return this.invites.revoke(principal.account_id, id, actor);
  }
}
