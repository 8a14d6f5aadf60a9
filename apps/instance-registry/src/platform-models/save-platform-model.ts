import { priceTargetOfPlatformModel, type PutPlatformModel } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { Billing } from '../billing/billing.js';
import { PlatformInstance } from './platform-instance.js';
import { PlatformModelsStore, type StoredPlatformModel } from './platform-models.store.js';
import { PlatformPlacement } from './platform-placement.js';

/** Makes or replaces a platform model: the instance that runs it, its public face, and its price. */
@Injectable()
export class SavePlatformModel {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(PlatformModelsStore) private readonly models: PlatformModelsStore,
    @Inject(PlatformPlacement) private readonly placement: PlatformPlacement,
    @Inject(PlatformInstance) private readonly instances: PlatformInstance,
    @Inject(Billing) private readonly billing: Billing,
  ) {}

  /** The price goes first, so that a new model is never on sale without the price it came with. */
  async save(id: string, body: PutPlatformModel, now: Date): Promise<StoredPlatformModel> {
    const placing = await this.placement.check(body);
    if (body.prices !== undefined) await this.billing.putPrices(priceTargetOfPlatformModel(id), body.prices);
    return this.database.transaction(async (transaction) => {
      const before = await this.models.lock(transaction, id);
      const instanceId = await this.instances.put(transaction, id, before?.instanceId, body, placing);
      const values = {
        displayName: body.display_name,
        category: body.category,
        contextLength: body.context_length,
        status: body.status,
      };
      return this.models.save(transaction, id, instanceId, values, now);
    });
  }
}
