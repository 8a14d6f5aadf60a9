import { ApiError, type HoldView, terminationReason } from '@ecolink/contracts';
import type { Actor } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { HoldRun } from '../billing/hold-run.js';
import { GpuStore } from '../gpu/gpu.store.js';
import { actionsOf } from '../lifecycle/actions.js';
import { ChangeInstance, type DecideChange, type RequestedChange } from './change-instance.js';
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
    @Inject(GpuStore) private readonly gpus: GpuStore,
    @Inject(HoldRun) private readonly holds: HoldRun,
  ) {}

  async find(scope: Scope, id: number | undefined): Promise<StoredInstance> {
    return visible(scope, id, id === undefined ? undefined : await this.instances.find(id));
  }

  /** `reason`: an operator's words, which the account sees. */
  async stop(scope: Scope, id: number | undefined, actor: Actor, reason: string | null = null): Promise<StoredInstance> {
    return this.change(scope, id, (instance) => {
      if (instance.lifecycle.desiredState === 'stopped') return Promise.resolve(undefined);
      assertPossible(instance, 'stop');
      return Promise.resolve({
        ...{ kind: 'stop_requested', desiredState: 'stopped', actionReason: reason },
        audit: { actor, action: 'instance.stopped' },
      });
    });
  }

  /** A start on GPUs is a new run with a hold of its own. */
  async start(scope: Scope, id: number | undefined, actor: Actor): Promise<StoredInstance> {
    const instance = await this.find(scope, id);
    const { gpuType, accountId } = instance;
    if (gpuType === null || accountId === null || instance.lifecycle.desiredState === 'running')
      return this.startRun(scope, id, instance.run, actor);
    assertPossible(instance, 'start');
    const run = instance.run + 1;
    const replicas = instance.deployments.reduce((sum, deployment) => sum + deployment.replicas, 0);
    const capacity = {
      account_id: accountId,
      gpu_type: gpuType,
      gpu_count: instance.gpuCount ?? 1,
      replicas: Math.max(1, replicas),
    };
    const hasBegun = async (): Promise<boolean> => (await this.find('everyone', instance.id)).run >= run;
    const begin = (hold: HoldView): Promise<StoredInstance> => this.startRun(scope, id, run, actor, hold);
    return this.holds.begin({ instanceId: instance.id, run, capacity }, begin, hasBegun);
  }

  private startRun(scope: Scope, id: number | undefined, run: number, actor: Actor, hold?: HoldView): Promise<StoredInstance> {
    return this.change(scope, id, async (instance, transaction) => {
      if (instance.lifecycle.desiredState === 'running') return undefined;
      assertPossible(instance, 'start');
      if (instance.gpuType !== null) {
        await this.gpus.lockCapacity(transaction, instance.gpuType);
        assertRoom(instance, await this.gpus.launchRegions(instance.gpuType, transaction));
      }
      return {
        kind: 'start_requested',
        state: instance.lifecycle.state === 'failed' ? 'pending' : undefined,
        desiredState: 'running',
        actionReason: null,
        fields: hold === undefined ? {} : runFields(run, hold),
        audit: { actor, action: 'instance.started' },
      };
    });
  }

  async terminate(scope: Scope, id: number | undefined, actor: Actor): Promise<StoredInstance> {
    return this.change(scope, id, (instance) =>
      Promise.resolve(terminateWish(instance, { terminationReason: 'user_request', actionReason: null }, actor)),
    );
  }

  /** `words`: one of the product's termination reasons, or anything else, which is shown as an operator's words. */
  async terminateByAdmin(id: number | undefined, words: string, actor: Actor): Promise<StoredInstance> {
    const known = terminationReason.safeParse(words);
    const reason = known.success
      ? { terminationReason: known.data, actionReason: null }
      : { terminationReason: 'admin' as const, actionReason: words };
    return this.change('everyone', id, (instance) => Promise.resolve(terminateWish(instance, reason, actor)));
  }

  /** An instance that the scope shows, changed as `decide` says. */
  async change(scope: Scope, id: number | undefined, decide: DecideChange): Promise<StoredInstance> {
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
export function terminateWish(
  instance: StoredInstance,
  reason: Pick<RequestedChange, 'terminationReason' | 'actionReason'>,
  actor: Actor,
): RequestedChange | undefined {
  if (instance.lifecycle.desiredState === 'terminated') return undefined;
  const audit = { actor, action: 'instance.terminated' };
  return { kind: 'terminate_requested', desiredState: 'terminated', ...reason, audit };
}

function assertPossible(instance: StoredInstance, action: 'stop' | 'start'): void {
  const { state, desiredState } = instance.lifecycle;
  if (actionsOf({ state, desiredState, isExternal: isExternal(instance) }).includes(action)) return;
  throw new ApiError('invalid_state', `instance ${instance.id} is ${state}; it cannot ${action} now`);
}

function assertRoom(instance: StoredInstance, regions: readonly { region: string; gpusFree: number }[]): void {
  for (const { region, replicas } of instance.deployments) {
    const free = regions.find((entry) => entry.region === region)?.gpusFree ?? 0;
    if (replicas > 0 && free < replicas * (instance.gpuCount ?? 0)) {
      throw new ApiError('insufficient_capacity', `region ${region} has no room for instance ${instance.id} now`);
    }
  }
}

function runFields(run: number, hold: HoldView): RequestedChange['fields'] {
  return {
    run,
    holdVersion: 0,
    hourlyRateNanoUsd: BigInt(hold.hourly_rate_nano_usd),
    holdNanoUsd: BigInt(hold.hold_nano_usd),
    cycleEndsAt: new Date(hold.cycle_ends_at),
  };
}
