import { ApiError, type PatchPlatformModel, priceTargetOfPlatformModel, type PutPlatformModel } from '@ecolink/contracts';
import { Database, type Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { Billing } from '../billing/billing.js';
import { type Placing, PlatformInstance, type PlatformWish } from './platform-instance.js';
import { PlatformModelsStore, type PlatformModelValues, type StoredPlatformModel } from './platform-models.store.js';
import { PlatformPlacement } from './platform-placement.js';

/** Makes, changes or deletes a platform model: the instance that runs it, its public face, and its price. */
@Injectable()
export class SavePlatformModel {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(PlatformModelsStore) private readonly models: PlatformModelsStore,
    @Inject(PlatformPlacement) private readonly placement: PlatformPlacement,
    @Inject(PlatformInstance) private readonly instances: PlatformInstance,
    @Inject(Billing) private readonly billing: Billing,
  ) {}

  /** The price goes first, so that a new model is never on sale without the price it came with, nor with that of one that was deleted. */
  async save(id: string, body: PutPlatformModel, now: Date): Promise<StoredPlatformModel> {
    const placing = await this.placement.check(body);
    const prices = body.prices ?? ((await this.models.find(id)) === undefined ? {} : undefined);
    if (prices !== undefined) await this.billing.putPrices(priceTargetOfPlatformModel(id), prices);
    return this.database.transaction(async (transaction) => {
      const before = await this.models.lock(transaction, id);
      const values = {
        displayName: body.display_name,
        category: body.category,
        contextLength: body.context_length,
        status: body.status,
      };
      return this.write(transaction, { id, before, values, body, placing }, now);
    });
  }

  /** Throws 404 where there is none. */
  async patch(id: string, body: PatchPlatformModel, now: Date): Promise<StoredPlatformModel> {
    const placing = await this.placement.check(body);
    found(await this.models.find(id), id);
    if (body.prices !== undefined) await this.billing.putPrices(priceTargetOfPlatformModel(id), body.prices);
    return this.database.transaction(async (transaction) => {
      const before = found(await this.models.lock(transaction, id), id);
      const values = {
        displayName: body.display_name ?? before.displayName,
        category: before.category,
        contextLength: body.context_length === undefined ? before.contextLength : body.context_length,
        status: body.status ?? before.status,
      };
      return this.write(transaction, { id, before, values, body, placing }, now);
    });
  }

  /** Ends its pods; its row stays for what names it. Throws 404 where there is none, 409 while instances of customers use it. */
  async remove(id: string, now: Date): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const { instanceId } = found(await this.models.lock(transaction, id), id);
      const uses = await this.models.countUses(transaction, id);
      if (uses > 0)
        throw new ApiError(
          'model_in_use',
          `${uses} instance${uses === 1 ? ' of a customer uses' : 's of customers use'} this model`,
        );
      await this.instances.terminate(transaction, instanceId);
      await this.models.markDeleted(transaction, id, now);
    });
  }

  private async write(
    transaction: Transaction,
    { id, before, values, body, placing }: Saving,
    now: Date,
  ): Promise<StoredPlatformModel> {
    const wish: PlatformWish = {
      ...{ name: values.displayName, category: values.category, status: values.status },
      ...{ servedModelName: body.served_model_name, strategy: body.strategy },
    };
    const known = before?.deletedAt === null ? before.instanceId : undefined;
    const instanceId = await this.instances.put(transaction, id, known, wish, placing);
    return this.models.save(transaction, id, instanceId, values, now);
  }
}

interface Saving {
  readonly id: string;
  readonly before: StoredPlatformModel | undefined;
  readonly values: PlatformModelValues;
  readonly body: Pick<PatchPlatformModel, 'served_model_name' | 'strategy'>;
  readonly placing: Placing;
}

function found(model: StoredPlatformModel | undefined, id: string): StoredPlatformModel {
  if (model?.deletedAt !== null) throw new ApiError('not_found', `there is no platform model "${id}"`);
  return model;
}
