import {
  type ListPage,
  listQuery,
  type ListQuery,
  type MemberView,
  patchMember,
  type PatchMember,
  type Principal,
  resourceId,
} from '@ecolink/contracts';
import { type Actor, CurrentActor, CurrentPrincipal, OwnersOnly, PrincipalGuard, zodBody, zodQuery } from '@ecolink/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Query, UseGuards } from '@nestjs/common';
import { Members } from './members.service.js';

@Controller('api/v1/members')
@UseGuards(PrincipalGuard)
export class MembersController {
  constructor(@Inject(Members) private readonly members: Members) {}

  @Get()
  list(@CurrentPrincipal() principal: Principal, @Query(zodQuery(listQuery)) query: ListQuery): Promise<ListPage<MemberView>> {
    return this.members.list(principal.account_id, query);
  }

  @Patch(':user_id')
  @OwnersOnly()
  changeRole(
    @CurrentPrincipal() principal: Principal,
    @Param('user_id', zodBody(resourceId)) userId: string,
    @Body(zodBody(patchMember)) body: PatchMember,
    @CurrentActor() actor: Actor,
  ): Promise<MemberView> {
    return this.members.changeRole(principal.account_id, userId, body.role, actor);
  }

  @Delete(':user_id')
  @HttpCode(204)
  remove(
    @CurrentPrincipal() principal: Principal,
    @Param('user_id', zodBody(resourceId)) userId: string,
    @CurrentActor() actor: Actor,
  ): Promise<void> {
    return this.members.remove(principal, userId, actor);
  }
}
