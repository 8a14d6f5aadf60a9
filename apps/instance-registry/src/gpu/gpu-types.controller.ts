import { gpuTypesQuery, type GpuTypesQuery, type GpuTypeView, type ListPage, type Principal } from '@ecolink/contracts';
import { CurrentPrincipal, PrincipalGuard, wholeList, zodQuery } from '@ecolink/service-kit';
import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import { Billing } from '../billing/billing.js';
import { ModelsStore, type StoredModel } from '../models/models.store.js';
import { foundModel } from '../models/save-model.js';
import { fitModel } from './fit-model.js';
import { GpuStore, type GpuTypeRow } from './gpu.store.js';

/** Numbers of GPUs that models are split over. */
const COUNTS_ASKED = [1, 2, 4, 8];

@Controller('api/v1/gpu-types')
@UseGuards(PrincipalGuard)
export class GpuTypesController {
  constructor(
    @Inject(GpuStore) private readonly gpus: GpuStore,
    @Inject(Billing) private readonly billing: Billing,
    @Inject(ModelsStore) private readonly models: ModelsStore,
  ) {}

  @Get()
  async list(
    @CurrentPrincipal() { account_id: accountId }: Principal,
    @Query(zodQuery(gpuTypesQuery)) { model_id: modelId }: GpuTypesQuery,
  ): Promise<ListPage<GpuTypeView>> {
    const model = modelId === undefined ? undefined : foundModel(await this.models.find(accountId, modelId), modelId);
    const [types, capacity] = await Promise.all([this.gpus.types(), this.gpus.capacity()]);
    const rates = await Promise.all(types.map((type) => this.rateOf(accountId, type.name)));
    const views = types.map((type, index) => ({
      name: type.name,
      hourly_rate_nano_usd: rates[index] ?? '0',
      memory_gb: type.memoryGb,
      ...(model === undefined ? {} : { fits: COUNTS_ASKED.map((count) => fitOf(model, type, count)) }),
      capacity: capacity
        .filter((entry) => entry.gpuType === type.name)
        .map((entry) => ({ region: entry.region, gpus: entry.gpus, gpus_free: entry.gpusFree })),
    }));
    return wholeList(views, (view) => view.name);
  }

  /** Prices of GPUs are auth-billing's, like all others. */
  private async rateOf(accountId: string, gpuType: string): Promise<string> {
    const quote = await this.billing.quoteHold({ account_id: accountId, gpu_type: gpuType, gpu_count: 1, replicas: 1 });
    return quote.hourly_rate_nano_usd;
  }
}

function fitOf(model: StoredModel, type: GpuTypeRow, count: number): NonNullable<GpuTypeView['fits']>[number] {
  return { gpu_count: count, ...fitModel(model, { type: type.name, count, memoryGb: type.memoryGb }) };
}
