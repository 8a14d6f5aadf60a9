import { ApiError, assertNever, type IdempotentCall, type InstanceQuote, type LaunchInstance } from '@ecolink/contracts';
import { Database, settleCall, type Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { GpuStore } from '../gpu/gpu.store.js';
import { pinnedRegionOf } from '../models/model-source.js';
import { DraftInstance } from './draft-instance.js';
import type { InstanceDraft, StoredInstance } from './instance.js';
import { instanceViewOf } from './instance-view.js';
import { type Placement, replicasWanted } from './plan-launch.js';
import { type LaunchPlan, PlanInstance } from './plan-instance.js';
import { StartInstance } from './start-instance.js';

/** Launches an account's own instance, or tells what launching it would take. */
@Injectable()
export class LaunchOwnInstance {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(PlanInstance) private readonly planner: PlanInstance,
    @Inject(DraftInstance) private readonly drafts: DraftInstance,
    @Inject(StartInstance) private readonly starter: StartInstance,
    @Inject(GpuStore) private readonly gpus: GpuStore,
  ) {}

  /** With a call, its answer is stored in the same transaction: a repeated launch never makes a second instance. */
  async launch(accountId: string, body: LaunchInstance, call: IdempotentCall | undefined): Promise<StoredInstance> {
    const plan = await this.planner.plan(accountId, body);
    if (!(await this.planner.isAffordable(accountId, plan))) throw shortOfMoney(plan);
    return this.database.transaction(async (transaction) => {
      const launched = await this.launchWithin(transaction, accountId, plan);
      // A new instance has no prices of its own yet.
      await settleCall(transaction, call, { status: 201, body: instanceViewOf(launched, {}) });
      return launched;
    });
  }

  async quote(accountId: string, body: LaunchInstance): Promise<InstanceQuote> {
    const plan = await this.planner.plan(accountId, body);
    const affordable = await this.planner.isAffordable(accountId, plan);
    if (plan.kind === 'external') {
      const regions = [...new Set(plan.pods.map((pod) => pod.region))];
      const free = { hourly_rate_nano_usd: '0', hold_nano_usd: '0', affordable, available: true, problem: null };
      return { ...free, replicas: plan.pods.length, regions };
    }
    const placement = await this.planner.place(plan);
    const problem = placementProblem(plan, placement);
    return {
      hourly_rate_nano_usd: plan.type.hourlyRateNanoUsd.toString(),
      replicas: placement.kind === 'placed' ? placement.regions.length : replicasWanted(pinnedRegionOf(plan.model.source)),
      regions: placement.kind === 'placed' ? placement.regions.map((entry) => entry.region) : [...placement.available],
      hold_nano_usd: plan.holdNanoUsd.toString(),
      affordable,
      available: problem === null,
      problem,
    };
  }

  private async launchWithin(transaction: Transaction, accountId: string, plan: LaunchPlan): Promise<StoredInstance> {
    // The model is locked before the capacity: changes of a model lock it before its instances, whose starts lock capacity.
    const held = await this.planner.holdModel(transaction, accountId, plan);
    return this.starter.start(transaction, await this.draftWithin(transaction, accountId, held));
  }

  private async draftWithin(transaction: Transaction, accountId: string, plan: LaunchPlan): Promise<InstanceDraft> {
    switch (plan.kind) {
      case 'external':
        return this.drafts.external(accountId, plan);
      case 'gpu': {
        await this.gpus.lockCapacity(transaction, plan.type.name);
        const placement = await this.planner.place(plan, transaction);
        const problem = placementProblem(plan, placement);
        if (placement.kind !== 'placed' || problem !== null)
          throw new ApiError('insufficient_capacity', problem ?? 'there is no capacity');
        return this.drafts.gpu(accountId, plan, placement.regions);
      }
      default:
        return assertNever(plan);
    }
  }
}

function placementProblem(plan: LaunchPlan & { kind: 'gpu' }, placement: Placement): string | null {
  const { name } = plan.type;
  if (placement.kind === 'insufficient') {
    const where = placement.available.length === 0 ? 'no region has' : `only ${placement.available.join(', ')} has`;
    const wanted = placement.replicasWanted === 1 ? 'one region is needed' : `${placement.replicasWanted} regions are needed`;
    const hint =
      placement.available.length === 1 && placement.replicasWanted > 1 ? '; allow_single_region makes do with one' : '';
    return `${where} ${plan.body.gpu_count} free GPU(s) of type ${name}, and ${wanted}${hint}`;
  }
  // Billing by the hour must be in place before a priced GPU may run.
  return plan.holdNanoUsd > 0n ? `priced GPU capacity of type ${name} is not available in these regions` : null;
}

function shortOfMoney(plan: LaunchPlan): ApiError {
  const hold = plan.kind === 'gpu' ? plan.holdNanoUsd : 0n;
  return new ApiError(
    'insufficient_balance',
    `the balance does not cover the hold of ${hold} nano-USD (rate × GPUs × replicas × 24 h)`,
  );
}
