import { ApiError, type ReplacePods, terminationReason } from '@ecolink/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { GpuStore } from '../gpu/gpu.store.js';
import { actionsOf } from '../lifecycle/actions.js';
import { PlacePods } from '../pods/place-pods.js';
import { ChangeInstance, type Decide, type Wish } from './change-instance.js';
import { InstanceChangesStore } from './instance-changes.store.js';
import { InstancesStore } from './instances.store.js';
import { isExternal, type StoredInstance } from './instance.js';

/** Whose instances may be acted on: one account's, or (operators) everyone's. */
export type Scope = { readonly accountId: string } | 'everyone';

/** What people do with an instance that exists. A foreign or unknown one is 404 `instance_not_found`. */
@Injectable()
export class InstanceActions {
  constructor(
    @Inject(ChangeInstance) private readonly changer: ChangeInstance,
    @Inject(InstancesStore) private readonly instances: InstancesStore,
    @Inject(InstanceChangesStore) private readonly changes: InstanceChangesStore,
    @Inject(GpuStore) private readonly gpus: GpuStore,
    @Inject(PlacePods) private readonly placePods: PlacePods,
  ) {}

  async find(scope: Scope, id: number | undefined): Promise<StoredInstance> {
    return visible(scope, id, id === undefined ? undefined : await this.instances.find(id));
  }

  async stop(scope: Scope, id: number | undefined): Promise<StoredInstance> {
    return this.change(scope, id, (instance) => {
      if (instance.lifecycle.desiredState === 'stopped') return Promise.resolve(undefined);
      assertPossible(instance, 'stop');
      return Promise.resolve({ kind: 'stop_requested', desiredState: 'stopped', actionReason: null });
    });
  }

  async start(scope: Scope, id: number | undefined): Promise<StoredInstance> {
    return this.change(scope, id, async (instance, transaction) => {
      if (instance.lifecycle.desiredState === 'running') return undefined;
      assertPossible(instance, 'start');
      if (instance.gpuType !== null) {
        await this.gpus.lockCapacity(transaction, instance.gpuType);
        assertRoom(instance, await this.gpus.launchRegions(instance.gpuType, transaction));
      }
      return { kind: 'start_requested', desiredState: 'running', actionReason: null };
    });
  }

  async terminate(scope: Scope, id: number | undefined): Promise<StoredInstance> {
    return this.change(scope, id, (instance) =>
      Promise.resolve(terminateWish(instance, { terminationReason: 'user_request', actionReason: null })),
    );
  }

  /** `words`: one of the product's termination reasons, or anything else, which is shown as an operator's words. */
  async terminateByAdmin(id: number | undefined, words: string): Promise<StoredInstance> {
    const known = terminationReason.safeParse(words);
    const reason = known.success
      ? { terminationReason: known.data, actionReason: null }
      : { terminationReason: 'admin' as const, actionReason: words };
    return this.change('everyone', id, (instance) => Promise.resolve(terminateWish(instance, reason)));
  }

  async replacePods(scope: Scope, id: number | undefined, body: ReplacePods): Promise<StoredInstance> {
    const found = await this.find(scope, id);
    assertReplaceable(found);
    const pods = await this.placePods.check(body.pods, found.pinnedRegion);
    return this.change(scope, id, async (instance, transaction) => {
      assertReplaceable(instance);
      for (const draft of this.placePods.draft(pods, instance.deployments))
        await this.changes.putDeployment(transaction, instance.id, draft);
      return { kind: 'pods_replaced' };
    });
  }

  private async change(scope: Scope, id: number | undefined, decide: Decide): Promise<StoredInstance> {
    const { id: known } = await this.find(scope, id);
    return visible(scope, id, await this.changer.change(known, decide));
  }
}

function visible(scope: Scope, id: number | undefined, instance: StoredInstance | undefined): StoredInstance {
  const isVisible =
    instance !== undefined && instance.kind === 'own' && (scope === 'everyone' || instance.accountId === scope.accountId);
  if (!isVisible)
    throw new ApiError('instance_not_found', id === undefined ? 'there is no such instance' : `there is no instance ${id}`);
  return instance;
}

/** Repeating a termination changes nothing, least of all its reason. */
function terminateWish(instance: StoredInstance, reason: Pick<Wish, 'terminationReason' | 'actionReason'>): Wish | undefined {
  if (instance.lifecycle.desiredState === 'terminated') return undefined;
  return { kind: 'terminate_requested', desiredState: 'terminated', ...reason };
}

function assertPossible(instance: StoredInstance, action: 'stop' | 'start'): void {
  const { state, desiredState } = instance.lifecycle;
  if (actionsOf({ state, desiredState, isExternal: isExternal(instance) }).includes(action)) return;
  throw new ApiError('invalid_state', `instance ${instance.id} is ${state}; it cannot ${action} now`);
}

function assertReplaceable(instance: StoredInstance): void {
  if (!isExternal(instance))
    throw new ApiError('invalid_state', `instance ${instance.id} runs on GPUs; only external pods can be replaced`);
  if (instance.lifecycle.desiredState === 'terminated')
    throw new ApiError('invalid_state', `instance ${instance.id} is terminated`);
}

function assertRoom(instance: StoredInstance, regions: readonly { region: string; gpusFree: number }[]): void {
  for (const { region, replicas } of instance.deployments) {
    const free = regions.find((entry) => entry.region === region)?.gpusFree ?? 0;
    if (replicas > 0 && free < replicas * (instance.gpuCount ?? 0)) {
      throw new ApiError('insufficient_capacity', `region ${region} has no room for instance ${instance.id} now`);
    }
  }
  if (instance.holdNanoUsd > 0n)
    throw new ApiError('insufficient_capacity', 'priced GPU capacity is not available in these regions');
}
