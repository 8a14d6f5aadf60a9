import {
  createModel,
  type CreateModel,
  type ListPage,
  listQuery,
  type ListQuery,
  type ModelView,
  type Principal,
  updateModel,
  type UpdateModel,
} from '@ecolink/contracts';
import { type Actor, CurrentActor, CurrentPrincipal, PrincipalGuard, toListPage, zodBody, zodQuery } from '@ecolink/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { quotasOf } from '../quotas/quotas.js';
import { CLOCK, type Clock } from '../settings.js';
import { modelViewOf } from './model-source.js';
import { ModelsStore } from './models.store.js';
import { foundModel, SaveModel } from './save-model.js';

@Controller('api/v1/models')
@UseGuards(PrincipalGuard)
export class ModelsController {
  constructor(
    @Inject(ModelsStore) private readonly models: ModelsStore,
    @Inject(SaveModel) private readonly save: SaveModel,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  async list(
    @CurrentPrincipal() principal: Principal,
    @Query(zodQuery(listQuery)) query: ListQuery,
  ): Promise<ListPage<ModelView>> {
    return toListPage((await this.models.list(principal.account_id, query)).map(modelViewOf), query);
  }

  @Post()
  async create(
    @CurrentPrincipal() principal: Principal,
    @Body(zodBody(createModel)) body: CreateModel,
    @CurrentActor() actor: Actor,
  ): Promise<ModelView> {
    const owner = { accountId: principal.account_id, actor, quotas: quotasOf(principal) };
    return modelViewOf(await this.save.create(owner, body, this.clock()));
  }

  @Get(':id')
  async get(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<ModelView> {
    return modelViewOf(foundModel(await this.models.find(principal.account_id, id), id));
  }

  @Patch(':id')
  async update(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body(zodBody(updateModel)) body: UpdateModel,
    @CurrentActor() actor: Actor,
  ): Promise<ModelView> {
    return modelViewOf(await this.save.update({ accountId: principal.account_id, actor }, id, body, this.clock()));
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@CurrentPrincipal() principal: Principal, @Param('id') id: string, @CurrentActor() actor: Actor): Promise<void> {
    await this.save.remove({ accountId: principal.account_id, actor }, id, this.clock());
  }
}
