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
import { CurrentPrincipal, PrincipalGuard, zodBody, zodQuery } from '@ecolink/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { pageOf, pageRequest } from '../lists/page.js';
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
    const request = pageRequest(query);
    return pageOf(await this.models.list(principal.account_id, request), request, modelViewOf);
  }

  @Post()
  async create(@CurrentPrincipal() principal: Principal, @Body(zodBody(createModel)) body: CreateModel): Promise<ModelView> {
    return modelViewOf(await this.save.create(principal.account_id, body, this.clock()));
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
  ): Promise<ModelView> {
    return modelViewOf(await this.save.update(principal.account_id, id, body));
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<void> {
    await this.save.remove(principal.account_id, id);
  }
}
