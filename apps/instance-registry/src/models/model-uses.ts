import { ApiError, partitionOf, TOPIC } from '@ecolink/contracts';
import type { Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { ChangeInstance } from '../instances/change-instance.js';
import { InstancesStore } from '../instances/instances.store.js';
import type { StoredModel } from './models.store.js';

/** What a change of a model means for the instances that were launched from it. */
@Injectable()
export class ModelUses {
  constructor(
    @Inject(InstancesStore) private readonly instances: InstancesStore,
    @Inject(ChangeInstance) private readonly changer: ChangeInstance,
  ) {}

  /** Throws `model_in_use` while there are any. */
  async refuse(transaction: Transaction, id: string): Promise<void> {
    const count = await this.instances.countUnterminatedOfModel(transaction, id);
    if (count === 0) return;
    throw new ApiError(
      'model_in_use',
      `${count} instance${count === 1 ? ' uses' : 's use'} this model; terminate ${count === 1 ? 'it' : 'them'} first`,
    );
  }

  /** What the pod calls the model is found out by trying, so it may be set right while instances run. */
  async passOn(transaction: Transaction, model: StoredModel): Promise<void> {
    const ids = await this.instances.lockOfModel(transaction, model.id);
    for (const instanceId of inPartitionOrder(ids)) {
      const wish = { kind: 'served_model_name_changed', fields: { servedModelName: model.servedModelName } };
      const result = await this.changer.changeWithin(transaction, instanceId, () => Promise.resolve(wish));
      if (result === 'changed-meanwhile')
        throw new ApiError('invalid_state', 'an instance of this model is being changed; try again');
    }
  }
}

/** Events of several instances take the locks of their partitions one after the other: always in this order, against deadlocks. */
function inPartitionOrder(ids: readonly number[]): readonly number[] {
  const partition = (id: number): number => partitionOf(TOPIC.instanceChanged, String(id));
  return [...ids].sort((left, right) => partition(left) - partition(right) || left - right);
}
