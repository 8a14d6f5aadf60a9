import {
  ApiError,
  assertNever,
  type HoldQuote,
  type LaunchExternal,
  type LaunchGpu,
  type LaunchInstance,
  type PutHold,
} from '@ecolink/contracts';
import type { Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { Billing } from '../billing/billing.js';
import { type GpuTypeRow, GpuStore } from '../gpu/gpu.store.js';
import { pinnedRegionOf } from '../models/model-source.js';
import { ModelsStore, type StoredModel } from '../models/models.store.js';
import { type CheckedPod, PlacePods } from '../pods/place-pods.js';
import { RegionsStore } from '../regions/regions.store.js';
import { regionsForImage } from './refuse-template.js';
import { type Placement, placeReplicas, replicasPlaced, replicasWanted } from './plan-launch.js';

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
      /** What its hold would be for, and at which rate. */
      readonly capacity: PutHold;
      readonly quote: HoldQuote;
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
        return { kind: 'external', model, body, pods: await this.checkPods(accountId, model, body) };
      case 'gpu':
        return this.planGpu(accountId, model, body);
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
  async place(
    plan: Pick<LaunchPlan & { kind: 'gpu' }, 'model' | 'body' | 'type'>,
    transaction?: Transaction,
  ): Promise<Placement> {
    const request = {
      gpuCount: plan.body.gpu_count,
      pinnedRegion: pinnedRegionOf(plan.model.source),
      regions: plan.body.regions,
      allowSingleRegion: plan.body.allow_single_region,
      replicas: plan.body.replicas,
    };
    const { image, args, env = {} } = plan.body;
    const wish = { image, args, envNames: Object.keys(env) };
    return placeReplicas(request, regionsForImage(wish, await this.gpus.launchRegions(plan.type.name, transaction)));
  }

  private checkPods(accountId: string, model: StoredModel, body: LaunchExternal): Promise<readonly CheckedPod[]> {
    return this.placePods.check(body.pods, pinnedRegionOf(model.source), accountId);
  }

  private async planGpu(accountId: string, model: StoredModel, body: LaunchGpu): Promise<LaunchPlan> {
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
    const capacity = {
      account_id: accountId,
      gpu_type: type.name,
      gpu_count: body.gpu_count,
      replicas: await this.replicasOf(model, body, type),
    };
    return { kind: 'gpu', model, body, type, capacity, quote: await this.billing.quoteHold(capacity) };
  }

  /** The replicas that there is room for; where there is none, those that are wanted. */
  private async replicasOf(model: StoredModel, body: LaunchGpu, type: GpuTypeRow): Promise<number> {
    const placement = await this.place({ model, body, type });
    return placement.kind === 'placed' ? replicasPlaced(placement.regions) : replicasWanted(wishOf(model, body));
  }

  private async refuseRegions(body: LaunchGpu, pinnedRegion: string | null): Promise<void> {
    const known = new Set((await this.regions.all()).map((region) => region.code));
    for (const [index, region] of (body.regions ?? []).entries())
      if (!known.has(region)) throw refused(`regions[${index}]`, `there is no region "${region}"`);
    const told = Object.keys(body.replicas ?? {});
    for (const region of told) if (!known.has(region)) throw refused(`replicas.${region}`, `there is no region "${region}"`);
    if (told.length > 0 && body.regions !== undefined)
      throw refused('replicas', 'names the regions already; leave out `regions`');
    if (pinnedRegion === null) return;
    const where = `the model's filesystem is in ${pinnedRegion}, so it can run only there`;
    if (body.regions?.some((region) => region !== pinnedRegion)) throw refused('regions', where);
    if (told.some((region) => region !== pinnedRegion)) throw refused('regions', `${where}; \`replicas\` names another region`);
    if ((body.replicas?.[pinnedRegion] ?? 1) > 1) throw refused('replicas', `${where}, as one replica`);
  }
}

/** What decides how many replicas there are to be. */
export function wishOf(model: StoredModel, body: LaunchGpu) {
  return { pinnedRegion: pinnedRegionOf(model.source), replicas: body.replicas };
}

function refused(param: string, message: string): ApiError {
  return new ApiError('invalid_request', `${param}: ${message}`, { param });
}

function noModel(id: string): ApiError {
  return new ApiError('not_found', `there is no model ${id}`, { param: 'model_id' });
}
