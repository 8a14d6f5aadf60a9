import {
  type BudgetView,
  createBudget,
  type CreateBudget,
  type IdempotentCall,
  type ListPage,
  listQuery,
  type ListQuery,
  patchBudget,
  type PatchBudget,
  type Principal,
  raiseBudget,
  type RaiseBudget,
  resourceId,
} from '@ecolink/contracts';
import { CurrentIdempotentCall, CurrentPrincipal, OwnersOnly, PrincipalGuard, zodBody, zodQuery } from '@ecolink/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { Budgets } from './budgets.service.js';

@Controller('api/v1/budgets')
@UseGuards(PrincipalGuard)
export class BudgetsController {
  constructor(@Inject(Budgets) private readonly budgets: Budgets) {}

  @Get()
  list(@CurrentPrincipal() principal: Principal, @Query(zodQuery(listQuery)) query: ListQuery): Promise<ListPage<BudgetView>> {
    return this.budgets.list(principal.account_id, query);
  }

  @Post()
  @OwnersOnly()
  create(
    @CurrentPrincipal() principal: Principal,
    @Body(zodBody(createBudget)) body: CreateBudget,
    @CurrentIdempotentCall() call: IdempotentCall | undefined,
  ): Promise<BudgetView> {
    return this.budgets.create(principal.account_id, body, call);
  }

  @Patch(':id')
  @OwnersOnly()
  patch(
    @CurrentPrincipal() principal: Principal,
    @Param('id', zodBody(resourceId)) id: string,
    @Body(zodBody(patchBudget)) body: PatchBudget,
  ): Promise<BudgetView> {
    return this.budgets.patch(principal.account_id, id, body);
  }

  @Post(':id/raise')
  @OwnersOnly()
  raise(
    @CurrentPrincipal() principal: Principal,
    @Param('id', zodBody(resourceId)) id: string,
    @Body(zodBody(raiseBudget)) body: RaiseBudget,
    @CurrentIdempotentCall() call: IdempotentCall | undefined,
  ): Promise<BudgetView> {
    return this.budgets.raise(principal.account_id, id, body, call);
  }

  @Delete(':id')
  @OwnersOnly()
  @HttpCode(204)
  remove(@CurrentPrincipal() principal: Principal, @Param('id', zodBody(resourceId)) id: string): Promise<void> {
    return this.budgets.remove(principal.account_id, id);
  }
}
