import { ApiError, assertNever, type LaunchExternal, type LaunchGpu, type LaunchInstance } from '@ecolink/contracts';
import type { Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { Billing } from '../billing/billing.js';
import { type GpuTypeRow, GpuStore } from '../gpu/gpu.store.js';
import { pinnedRegionOf } from '../models/model-source.js';
import { ModelsStore, type StoredModel } from '../models/models.store.js';
import { type CheckedPod, PlacePods } from '../pods/place-pods.js';
import { RegionsStore } from '../regions/regions.store.js';
import { holdNanoUsd } from './hold.js';
import { type Placement, placeReplicas, replicasWanted } from './plan-launch.js';

/** A launch after everything about it was checked that needs no lock. */
export type LaunchPlan =
  | {
      readonly kind: 'external';
      readonly model: StoredModel;
      readonly body: LaunchExternal;
      readonly pods: readonly CheckedPod[];
    }
  | {
      readonly kind: 'gpu';
      readonly model: StoredModel;
      readonly body: LaunchGpu;
      readonly type: GpuTypeRow;
      readonly holdNanoUsd: bigint;
    };

/** Checks launches and quotes alike. */
@Injectable()
export class PlanInstance {
  constructor(
    @Inject(ModelsStore) private readonly models: ModelsStore,
    @Inject(GpuStore) private readonly gpus: GpuStore,
    @Inject(RegionsStore) private readonly regions: RegionsStore,
    @Inject(PlacePods) private readonly placePods: PlacePods,
    @Inject(Billing) private readonly billing: Billing,
  ) {}

  async plan(accountId: string, body: LaunchInstance): Promise<LaunchPlan> {
    const model = await this.models.find(accountId, body.model_id);
    if (model === undefined) throw noModel(body.model_id);
    switch (body.kind) {
      case 'external':
        return { kind: 'external', model, body, pods: await this.placePods.check(body.pods, pinnedRegionOf(model.source)) };
      case 'gpu':
        return this.planGpu(model, body);
      default:
        return assertNever(body);
    }
  }

  /** Locks the model until the launch is committed, and takes it as it is now: it may have been renamed since. */
  async holdModel<Plan extends LaunchPlan>(transaction: Transaction, accountId: string, plan: Plan): Promise<Plan> {
    await this.models.lockForLaunch(transaction, plan.model.id);
    const model = await this.models.find(accountId, plan.model.id, transaction);
    if (model === undefined) throw noModel(plan.model.id);
    return { ...plan, model };
  }

  /** Where the replicas would go by what is free now; under `lockCapacity` that stays true until the transaction ends. */
  async place(plan: LaunchPlan & { kind: 'gpu' }, transaction?: Transaction): Promise<Placement> {
    const request = {
      gpuCount: plan.body.gpu_count,
      pinnedRegion: pinnedRegionOf(plan.model.source),
      regions: plan.body.regions,
      allowSingleRegion: plan.body.allow_single_region,
    };
    return placeReplicas(request, await this.gpus.launchRegions(plan.type.name, transaction));
  }

  async isAffordable(accountId: string, plan: LaunchPlan): Promise<boolean> {
    if (plan.kind === 'external' || plan.holdNanoUsd === 0n) return true;
    return this.billing.canAfford(accountId, plan.holdNanoUsd);
  }

  private async planGpu(model: StoredModel, body: LaunchGpu): Promise<LaunchPlan> {
    if (model.source.kind === 'external') {
      throw new ApiError(
        'invalid_request',
        'pods: a model of source "external" has no weights to load; name the servers that run it',
        { param: 'pods' },
      );
    }
    const type = await this.gpus.type(body.gpu_type);
    if (type === undefined) {
      throw new ApiError('invalid_request', `gpu_type: there is no GPU type "${body.gpu_type}"`, { param: 'gpu_type' });
    }
    await this.refuseRegions(body, pinnedRegionOf(model.source));
    return { kind: 'gpu', model, body, type, holdNanoUsd: await this.holdOf(model, body, type) };
  }

  /** The hold of the replicas that there is room for; where there is none, of those that are wanted. */
  private async holdOf(model: StoredModel, body: LaunchGpu, type: GpuTypeRow): Promise<bigint> {
    const placement = await this.place({ kind: 'gpu', model, body, type, holdNanoUsd: 0n });
    const replicas = placement.kind === 'placed' ? placement.regions.length : replicasWanted(pinnedRegionOf(model.source));
    return holdNanoUsd(type.hourlyRateNanoUsd, body.gpu_count, replicas);
  }

  private async refuseRegions(body: LaunchGpu, pinnedRegion: string | null): Promise<void> {
    const known = new Set((await this.regions.all()).map((region) => region.code));
    for (const [index, region] of (body.regions ?? []).entries()) {
      const param = `regions[${index}]`;
      if (!known.has(region)) throw new ApiError('invalid_request', `${param}: there is no region "${region}"`, { param });
    }
    if (pinnedRegion !== null && body.regions !== undefined && !body.regions.includes(pinnedRegion)) {
      const message = `regions: the model's filesystem is in ${pinnedRegion}, so it can run only there`;
      throw new ApiError('invalid_request', message, { param: 'regions' });
    }
  }
}

function noModel(id: string): ApiError {
  return new ApiError('not_found', `there is no model ${id}`, { param: 'model_id' });
}
