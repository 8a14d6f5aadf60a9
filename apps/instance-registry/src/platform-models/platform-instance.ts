import { ApiError, type PutPlatformModel } from '@ecolink/contracts';
import type { Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { ChangeInstance } from '../instances/change-instance.js';
import type { DeploymentDraft, InstanceDraft, StoredDeployment } from '../instances/instance.js';
import { InstanceChangesStore } from '../instances/instance-changes.store.js';
import { StartInstance } from '../instances/start-instance.js';

/** Where a platform model shall run: `undefined` leaves it where it is. */
export type Placing = ((before: readonly StoredDeployment[]) => readonly DeploymentDraft[]) | undefined;

/** The instance behind a platform model; its number cannot be called by suffix. */
@Injectable()
export class PlatformInstance {
  constructor(
    @Inject(InstanceChangesStore) private readonly changes: InstanceChangesStore,
    @Inject(ChangeInstance) private readonly changer: ChangeInstance,
    @Inject(StartInstance) private readonly starter: StartInstance,
  ) {}

  /** Returns its number. */
  async put(
    transaction: Transaction,
    modelId: string,
    instanceId: number | undefined,
    body: PutPlatformModel,
    placing: Placing,
  ): Promise<number> {
    if (instanceId === undefined) return (await this.starter.start(transaction, draftOf(modelId, body, placing))).id;
    const changed = await this.changer.changeWithin(transaction, instanceId, async (instance) => {
      for (const draft of placing?.(instance.deployments) ?? []) await this.changes.putDeployment(transaction, instanceId, draft);
      const fields = { servedModelName: body.served_model_name, category: body.category, name: body.display_name };
      return { kind: 'updated', desiredState: desiredStateOf(body), fields };
    });
    if (changed === undefined || changed === 'changed-meanwhile')
      throw new ApiError('invalid_state', 'the model is being changed; try again');
    return instanceId;
  }
}

function desiredStateOf(body: PutPlatformModel): 'running' | 'stopped' {
  return body.status === 'active' ? 'running' : 'stopped';
}

function draftOf(modelId: string, body: PutPlatformModel, placing: Placing): InstanceDraft {
  return {
    kind: 'platform',
    accountId: null,
    platformModelId: modelId,
    modelId: null,
    modelName: modelId,
    servedModelName: body.served_model_name,
    name: body.display_name,
    category: body.category,
    openaiCompatible: true,
    customApiPath: null,
    healthPath: null,
    injectStreamUsage: true,
    gpuType: null,
    gpuCount: null,
    image: null,
    args: [],
    envEncrypted: null,
    pinnedRegion: null,
    hourlyRateNanoUsd: 0n,
    holdNanoUsd: 0n,
    desiredState: desiredStateOf(body),
    deployments: placing?.([]) ?? [],
  };
}
