import {
  type AdminPlatformModelView,
  ApiError,
  type ListPage,
  platformModelId,
  platformModelsQuery,
  type PlatformModelsQuery,
  priceTargetOfPlatformModel,
  putPlatformModel,
  type PutPlatformModel,
} from '@ecolink/contracts';
import { AdminGuard, parseOrRefuse, zodBody, zodQuery } from '@ecolink/service-kit';
import { Body, Controller, Get, Inject, Param, Put, Query, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { PriceBook } from '../billing/price-book.js';
import { InstancesStore } from '../instances/instances.store.js';
import { pageOf, pageRequest } from '../lists/page.js';
import { platformModelViewOf } from '../platform-models/platform-model-view.js';
import { PlatformModelsStore, type StoredPlatformModel } from '../platform-models/platform-models.store.js';
import { SavePlatformModel } from '../platform-models/save-platform-model.js';
import { CLOCK, type Clock } from '../settings.js';

const idParameter = z.object({ id: platformModelId });

@Controller('admin/v1/platform-models')
@UseGuards(AdminGuard)
export class AdminPlatformModelsController {
  constructor(
    @Inject(PlatformModelsStore) private readonly models: PlatformModelsStore,
    @Inject(InstancesStore) private readonly instances: InstancesStore,
    @Inject(SavePlatformModel) private readonly saver: SavePlatformModel,
    @Inject(PriceBook) private readonly prices: PriceBook,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  async list(@Query(zodQuery(platformModelsQuery)) query: PlatformModelsQuery): Promise<ListPage<AdminPlatformModelView>> {
    const request = pageRequest(query);
    const views = await this.show(await this.models.list(request));
    return pageOf(views, request, (view) => view);
  }

  @Get(':id')
  async get(@Param('id') id: string): Promise<AdminPlatformModelView> {
    const model = await this.models.find(id);
    if (model === undefined) throw new ApiError('not_found', `there is no platform model "${id}"`);
    return this.showOne(model);
  }

  @Put(':id')
  async put(@Param('id') id: string, @Body(zodBody(putPlatformModel)) body: PutPlatformModel): Promise<AdminPlatformModelView> {
    parseOrRefuse(idParameter, { id });
    return this.showOne(await this.saver.save(id, body, this.clock()));
  }

  private async showOne(model: StoredPlatformModel): Promise<AdminPlatformModelView> {
    const [view] = await this.show([model]);
    if (view === undefined) throw new Error(`platform model ${model.id} has no instance`);
    return view;
  }

  private async show(models: readonly StoredPlatformModel[]): Promise<readonly AdminPlatformModelView[]> {
    const [rows, pricesOf] = await Promise.all([
      this.instances.findMany(models.map((model) => model.instanceId)),
      this.prices.read(),
    ]);
    const instances = new Map(rows.map((row) => [row.id, row]));
    return models.flatMap((model) => {
      const instance = instances.get(model.instanceId);
      return instance === undefined ? [] : [platformModelViewOf(model, instance, pricesOf(priceTargetOfPlatformModel(model.id)))];
    });
  }
}
