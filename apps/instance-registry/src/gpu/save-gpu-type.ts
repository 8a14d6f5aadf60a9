import { ApiError, type GpuTypeView, gpuPrices, priceTargetOfGpuType, type PutGpuType } from '@ecolink/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { Billing } from '../billing/billing.js';
import { PriceBook } from '../billing/price-book.js';
import { GpuStore } from './gpu.store.js';

/** GPU types as operators see them: what there is of each, which is kept here, and its rate, which is billing's. */
@Injectable()
export class SaveGpuType {
  constructor(
    @Inject(GpuStore) private readonly gpus: GpuStore,
    @Inject(Billing) private readonly billing: Billing,
    @Inject(PriceBook) private readonly prices: PriceBook,
  ) {}

  async list(): Promise<readonly GpuTypeView[]> {
    const [types, capacity, pricesOf] = await Promise.all([this.gpus.types(), this.gpus.capacity(), this.prices.read()]);
    return types.map(({ name, memoryGb }) => ({
      name,
      memory_gb: memoryGb,
      hourly_rate_nano_usd: rateOf(pricesOf(priceTargetOfGpuType(name))),
      capacity: capacity
        .filter((entry) => entry.gpuType === name)
        .map(({ region, gpus, gpusFree }) => ({ region, gpus, gpus_free: gpusFree })),
    }));
  }

  /**
   * Makes or changes a type. The rate goes first, so that nothing is ever launched without the rate it came with; it counts for
   * cycles that begin from then on. 400 for a region that there is not.
   */
  async put(
    name: string,
    { hourly_rate_nano_usd: rate, ...rest }: PutGpuType,
  ): Promise<{ readonly former: GpuTypeView | undefined; readonly type: GpuTypeView }> {
    if (rest.capacity !== undefined) await this.gpus.checkRegions(rest.capacity.map(({ region }) => region));
    const former = (await this.list()).find((each) => each.name === name);
    await this.billing.putPrices(priceTargetOfGpuType(name), { nano_usd_per_gpu_hour: rate });
    await this.gpus.put(name, rest);
    const type = (await this.list()).find((each) => each.name === name);
    if (type === undefined) throw new Error(`GPU type ${name} is not in the list`);
    return { former, type };
  }
}

/** Throws 503 where billing, whose it is, could not be asked. */
function rateOf(prices: object | null): string {
  if (prices === null) throw new ApiError('service_unavailable', 'rates cannot be read at the moment', { retryAfterSeconds: 1 });
  return gpuPrices.safeParse(prices).data?.nano_usd_per_gpu_hour ?? '0';
}
