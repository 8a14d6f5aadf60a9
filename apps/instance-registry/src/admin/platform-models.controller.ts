import {
  type AdminPlatformModelView,
  ApiError,
  type ListPage,
  patchPlatformModel,
  type PatchPlatformModel,
  platformModelId,
  platformModelsQuery,
  type PlatformModelsQuery,
  priceTargetOfPlatformModel,
  putPlatformModel,
  type PutPlatformModel,
} from '@ecolink/contracts';
import { AdminGuard, type ChangeNote, NoteChange, parseOrRefuse, toListPage, zodBody, zodQuery } from '@ecolink/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Put, Query, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { PriceBook } from '../billing/price-book.js';
import { InstancesStore } from '../instances/instances.store.js';
import { platformModelViewOf } from '../platform-models/platform-model-view.js';
import { PlatformModelsStore, type StoredPlatformModel } from '../platform-models/platform-models.store.js';
import { SavePlatformModel } from '../platform-models/save-platform-model.js';
import { CLOCK, type Clock } from '../settings.js';

const idParameter = z.object({ id: platformModelId });

/** What an operator sets; not how the pods fare. */
function audited(view: AdminPlatformModelView): object {
  const { display_name, category, context_length, status, served_model_name, strategy, prices, pods } = view;
  const set = pods.map(({ region, url, weight, has_api_key }) => ({ region, url, weight, has_api_key }));
  return { display_name, category, context_length, status, served_model_name, strategy, prices, pods: set };
}

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
    return toListPage(await this.show(await this.models.list(query)), query);
  }

  @Get(':id')
  async get(@Param('id') id: string): Promise<AdminPlatformModelView> {
    const model = await this.models.find(id);
    if (model === undefined) throw new ApiError('not_found', `there is no platform model "${id}"`);
    return this.showOne(model);
  }

  @Put(':id')
  async put(
    @Param('id') id: string,
    @Body(zodBody(putPlatformModel)) body: PutPlatformModel,
    @NoteChange() note: ChangeNote,
  ): Promise<AdminPlatformModelView> {
    parseOrRefuse(idParameter, { id });
    const known = await this.models.find(id);
    const before = known === undefined ? undefined : await this.showOne(known);
    const view = await this.showOne(await this.saver.save(id, body, this.clock()));
    note({ target: id, before: before && audited(before), after: audited(view) });
    return view;
  }

  @Patch(':id')
  async patch(
    @Param('id') id: string,
    @Body(zodBody(patchPlatformModel)) body: PatchPlatformModel,
    @NoteChange() note: ChangeNote,
  ): Promise<AdminPlatformModelView> {
    const before = await this.get(id);
    const view = await this.showOne(await this.saver.patch(id, body, this.clock()));
    note({ target: id, before: audited(before), after: audited(view) });
    return view;
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@Param('id') id: string, @NoteChange() note: ChangeNote): Promise<void> {
    const before = await this.get(id);
    await this.saver.remove(id, this.clock());
    note({ target: id, before: audited(before) });
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
