import { ApiError, type Category, type PickingStrategy, type PlatformModelStatus } from '@ecolink/contracts';
import type { Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { ChangeInstance, type DecideChange } from '../instances/change-instance.js';
import type { DeploymentDraft, InstanceDraft, StoredDeployment } from '../instances/instance.js';
import { InstanceChangesStore } from '../instances/instance-changes.store.js';
import { StartInstance } from '../instances/start-instance.js';

/** Where a platform model shall run: `undefined` leaves it where it is. */
export type Placing = ((before: readonly StoredDeployment[]) => readonly DeploymentDraft[]) | undefined;

/** What an operator wants of the instance; what is undefined stays as it is. */
export interface PlatformWish {
  readonly name: string;
  readonly category: Category;
  readonly status: PlatformModelStatus;
  readonly servedModelName: string | null | undefined;
  readonly strategy: PickingStrategy | undefined;
}

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
    wish: PlatformWish,
    placing: Placing,
  ): Promise<number> {
    if (instanceId === undefined) return (await this.starter.start(transaction, draftOf(modelId, wish, placing))).id;
    await this.change(transaction, instanceId, async (instance) => {
      for (const draft of placing?.(instance.deployments) ?? []) await this.changes.putDeployment(transaction, instanceId, draft);
      const { servedModelName = instance.servedModelName, strategy = instance.strategy, category, name } = wish;
      return { kind: 'updated', desiredState: desiredStateOf(wish), fields: { servedModelName, category, name, strategy } };
    });
    return instanceId;
  }

  /** For good: a model of the same id that is made later is another instance. */
  async terminate(transaction: Transaction, instanceId: number): Promise<void> {
    const wish = {
      kind: 'terminate_requested',
      desiredState: 'terminated',
      terminationReason: 'admin',
      actionReason: null,
    } as const;
    await this.change(transaction, instanceId, () => Promise.resolve(wish));
  }

  private async change(transaction: Transaction, instanceId: number, decide: DecideChange): Promise<void> {
    const changed = await this.changer.changeWithin(transaction, instanceId, decide);
    if (changed === undefined || changed === 'changed-meanwhile')
      throw new ApiError('invalid_state', 'the model is being changed; try again');
  }
}

function desiredStateOf({ status }: PlatformWish): 'running' | 'stopped' {
  return status === 'disabled' ? 'stopped' : 'running';
}

function draftOf(modelId: string, wish: PlatformWish, placing: Placing): InstanceDraft {
  return {
    kind: 'platform',
    accountId: null,
    platformModelId: modelId,
    modelId: null,
    modelName: modelId,
    servedModelName: wish.servedModelName ?? null,
    name: wish.name,
    category: wish.category,
    openaiCompatible: true,
    customApiPath: null,
    healthPath: null,
    injectStreamUsage: true,
    strategy: wish.strategy ?? 'round_robin',
    gpuType: null,
    gpuCount: null,
    image: null,
    args: [],
    envEncrypted: null,
    pinnedRegion: null,
    hourlyRateNanoUsd: 0n,
    holdNanoUsd: 0n,
    cycleEndsAt: null,
    desiredState: desiredStateOf(wish),
    deployments: placing?.([]) ?? [],
  };
}
