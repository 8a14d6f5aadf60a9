import {
  ApiError,
  type CreateModel,
  type ModelSourceInput,
  newId,
  partitionOf,
  TOPIC,
  type UpdateModel,
} from '@ecolink/contracts';
import { Database, type Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { ChangeInstance } from '../instances/change-instance.js';
import { InstancesStore } from '../instances/instances.store.js';
import { SecretBox } from '../secrets/secret-box.js';
import { modelTokenPlace, storedSource } from './model-source.js';
import { ModelsStore, orNameTaken, type StoredModel } from './models.store.js';

/** Makes, changes and deletes models. What instances were launched from stays as it is while there are any. */
@Injectable()
export class SaveModel {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ModelsStore) private readonly models: ModelsStore,
    @Inject(InstancesStore) private readonly instances: InstancesStore,
    @Inject(ChangeInstance) private readonly changer: ChangeInstance,
    @Inject(SecretBox) private readonly box: SecretBox,
  ) {}

  async create(accountId: string, body: CreateModel, now: Date): Promise<StoredModel> {
    const id = newId('mdl', now.getTime());
    const values = {
      name: body.name,
      category: body.category,
      source: storedSource(body.source, false),
      servedModelName: body.served_model_name ?? null,
      tokenEncrypted: this.sealedToken(id, body.source) ?? null,
    };
    return acceptedName(await this.models.insert(id, accountId, values, now), body.name);
  }

  async update(accountId: string, id: string, body: UpdateModel): Promise<StoredModel> {
    const result = await orNameTaken(() =>
      this.database.transaction(async (transaction) => {
        const before = await this.locked(transaction, accountId, id);
        if (changesIdentity(before, body)) await this.refuseInUse(transaction, id);
        const after = await this.models.update(transaction, id, {
          name: body.name ?? before.name,
          category: body.category ?? before.category,
          source: body.source === undefined ? before.source : storedSource(body.source, keepsToken(before, body.source)),
          servedModelName: body.served_model_name === undefined ? before.servedModelName : body.served_model_name,
          tokenEncrypted: body.source === undefined ? undefined : this.tokenAfter(before, id, body.source),
        });
        if (after.servedModelName !== before.servedModelName) await this.passOn(transaction, after);
        return after;
      }),
    );
    return acceptedName(result, body.name ?? '');
  }

  async remove(accountId: string, id: string): Promise<void> {
    await this.database.transaction(async (transaction) => {
      await this.locked(transaction, accountId, id);
      await this.refuseInUse(transaction, id);
      await this.models.remove(transaction, id);
    });
  }

  private async locked(transaction: Transaction, accountId: string, id: string): Promise<StoredModel> {
    await this.models.lockForChange(transaction, id);
    return foundModel(await this.models.find(accountId, id, transaction), id);
  }

  private async refuseInUse(transaction: Transaction, id: string): Promise<void> {
    const count = await this.instances.countUnterminatedOfModel(transaction, id);
    if (count === 0) return;
    throw new ApiError(
      'model_in_use',
      `${count} instance${count === 1 ? ' uses' : 's use'} this model; terminate ${count === 1 ? 'it' : 'them'} first`,
    );
  }

  /** What the pod calls the model is found out by trying, so it may be set right while instances run. */
  private async passOn(transaction: Transaction, model: StoredModel): Promise<void> {
    const ids = await this.instances.lockOfModel(transaction, model.id);
    for (const instanceId of inPartitionOrder(ids)) {
      const wish = { kind: 'served_model_name_changed', fields: { servedModelName: model.servedModelName } };
      const result = await this.changer.changeWithin(transaction, instanceId, () => Promise.resolve(wish));
      if (result === 'changed-meanwhile')
        throw new ApiError('invalid_state', 'an instance of this model is being changed; try again');
    }
  }

  private sealedToken(id: string, source: ModelSourceInput): Uint8Array<ArrayBuffer> | undefined {
    if (source.kind !== 'huggingface' || source.token === undefined) return undefined;
    return this.box.seal(source.token, modelTokenPlace(id));
  }

  private tokenAfter(before: StoredModel, id: string, source: ModelSourceInput): Uint8Array<ArrayBuffer> | null | undefined {
    return this.sealedToken(id, source) ?? (keepsToken(before, source) ? undefined : null);
  }
}

/** Events of several instances take the locks of their partitions one after the other: always in this order, against deadlocks. */
function inPartitionOrder(ids: readonly number[]): readonly number[] {
  const partition = (id: number): number => partitionOf(TOPIC.instanceChanged, String(id));
  return [...ids].sort((left, right) => partition(left) - partition(right) || left - right);
}

export function foundModel(model: StoredModel | undefined, id: string): StoredModel {
  if (model === undefined) throw new ApiError('not_found', `there is no model ${id}`);
  return model;
}

function acceptedName(result: StoredModel | 'name-taken', name: string): StoredModel {
  if (result === 'name-taken')
    throw new ApiError('name_taken', `the account has a model named "${name}" already`, { param: 'name' });
  return result;
}

/** A token belongs to its repository and is not sent for another one. */
function keepsToken(before: StoredModel, source: ModelSourceInput): boolean {
  return (
    before.source.kind === 'huggingface' &&
    source.kind === 'huggingface' &&
    before.source.has_token &&
    before.source.repo === source.repo
  );
}

function changesIdentity(before: StoredModel, body: UpdateModel): boolean {
  const renamed = body.name !== undefined && body.name !== before.name;
  const recategorised = body.category !== undefined && body.category !== before.category;
  return renamed || recategorised || body.source !== undefined;
}
