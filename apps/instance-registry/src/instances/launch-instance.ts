import { ApiError, type IdempotentCall, type InstanceQuote, type LaunchInstance } from '@ecolink/contracts';
import { Database, settleCall, type Transaction } from '@ecolink/database';
import type { Actor } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { HoldRun } from '../billing/hold-run.js';
import { fitModel } from '../gpu/fit-model.js';
import { GpuStore } from '../gpu/gpu.store.js';
import { DraftInstance } from './draft-instance.js';
import type { StoredInstance } from './instance.js';
import { instanceViewOf } from './instance-view.js';
import { type PlacedRegion, type Placement, replicasPlaced, replicasWanted } from './plan-launch.js';
import { type LaunchPlan, PlanInstance, wishOf } from './plan-instance.js';
import type { Quotas } from '../quotas/quotas.js';
import { StartInstance } from './start-instance.js';

const FIRST_RUN = 1;

/** Whose instance it becomes, who launches it, and how many the account may have. */
export interface Launcher {
  readonly accountId: string;
  readonly actor: Actor;
  readonly quotas: Quotas;
}

/** Launches an account's own instance, or tells what launching it would take. */
@Injectable()
export class LaunchOwnInstance {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(PlanInstance) private readonly planner: PlanInstance,
    @Inject(DraftInstance) private readonly drafts: DraftInstance,
    @Inject(StartInstance) private readonly starter: StartInstance,
    @Inject(GpuStore) private readonly gpus: GpuStore,
    @Inject(HoldRun) private readonly holds: HoldRun,
  ) {}

  /** With a call, its answer is stored in the same transaction: a repeated launch never makes a second instance. */
  async launch(launcher: Launcher, body: LaunchInstance, call: IdempotentCall | undefined): Promise<StoredInstance> {
    const plan = await this.planner.plan(launcher.accountId, body);
    if (plan.kind === 'external') {
      return this.commit(call, async (transaction) => {
        const held = await this.planner.holdModel(transaction, launcher.accountId, plan);
        const draft = await this.drafts.external(transaction, launcher.accountId, held);
        return this.starter.start(transaction, draft, launcher);
      });
    }
    return this.launchOnGpus(launcher, plan, call);
  }

  /** Refused while nothing is held where that can be seen; then a number, the hold, and the instance. */
  private async launchOnGpus(
    launcher: Launcher,
    plan: LaunchPlan & { kind: 'gpu' },
    call: IdempotentCall | undefined,
  ): Promise<StoredInstance> {
    if (!plan.quote.affordable) throw shortOfMoney(plan);
    await this.placed(plan);
    const instanceId = await this.starter.reserveId();
    return this.holds.begin(
      { instanceId, run: FIRST_RUN, capacity: plan.capacity },
      (hold) =>
        this.commit(call, async (transaction) => {
          // The model is locked before the capacity: changes of a model lock it before its instances, whose starts lock capacity.
          const held = await this.planner.holdModel(transaction, launcher.accountId, plan);
          await this.gpus.lockCapacity(transaction, plan.type.name);
          const regions = await this.placed(held, transaction);
          const draft = this.drafts.gpu(launcher.accountId, held, regions, hold);
          return this.starter.start(transaction, draft, launcher, instanceId);
        }),
      () => this.starter.exists(instanceId),
    );
  }

  private async commit(
    call: IdempotentCall | undefined,
    launch: (transaction: Transaction) => Promise<StoredInstance>,
  ): Promise<StoredInstance> {
    return this.database.transaction(async (transaction) => {
      const launched = await launch(transaction);
      // A new instance has no prices of its own yet.
      await settleCall(transaction, call, { status: 201, body: instanceViewOf(launched, {}) });
      return launched;
    });
  }

  /** Throws `insufficient_capacity` where there is no room for what the hold is for. */
  private async placed(plan: LaunchPlan & { kind: 'gpu' }, transaction?: Transaction): Promise<readonly PlacedRegion[]> {
    const placement = await this.planner.place(plan, transaction);
    const problem = placementProblem(plan, placement);
    if (placement.kind !== 'placed') throw new ApiError('insufficient_capacity', problem ?? 'there is no capacity');
    if (replicasPlaced(placement.regions) !== plan.capacity.replicas)
      throw new ApiError('insufficient_capacity', 'the room in the regions has just changed; try again', {
        retryAfterSeconds: 1,
      });
    return placement.regions;
  }

  async quote(accountId: string, body: LaunchInstance): Promise<InstanceQuote> {
    const plan = await this.planner.plan(accountId, body);
    if (plan.kind === 'external') {
      const regions = [...new Set(plan.pods.map((pod) => pod.region))];
      const free = {
        hourly_rate_nano_usd: '0',
        hold_nano_usd: '0',
        affordable: true,
        available: true,
        problem: null,
        fits: RUNS_ALREADY,
      };
      return { ...free, replicas: plan.pods.length, regions };
    }
    const placement = await this.planner.place(plan);
    const problem = placementProblem(plan, placement);
    return {
      hourly_rate_nano_usd: plan.quote.hourly_rate_nano_usd,
      replicas: placement.kind === 'placed' ? replicasPlaced(placement.regions) : replicasWanted(wishOf(plan.model, plan.body)),
      regions: placement.kind === 'placed' ? placement.regions.map((entry) => entry.region) : [...placement.available],
      hold_nano_usd: plan.quote.hold_nano_usd,
      affordable: plan.quote.affordable,
      available: problem === null,
      problem,
      fits: fitModel(
        plan.model,
        { type: plan.type.name, count: plan.body.gpu_count, memoryGb: plan.type.memoryGb },
        plan.body.args,
      ),
    };
  }
}

const RUNS_ALREADY = { verdict: 'unknown', arithmetic: 'servers that already run have loaded what they hold' } as const;

function placementProblem(plan: LaunchPlan & { kind: 'gpu' }, placement: Placement): string | null {
  const { name } = plan.type;
  if (placement.kind === 'insufficient') {
    if (plan.body.replicas !== undefined) {
      const lacking = Object.keys(plan.body.replicas).filter((region) => !placement.available.includes(region));
      return `${lacking.join(', ')} has no room for so many replicas of ${plan.body.gpu_count} free GPU(s) of type ${name}`;
    }
    const where = placement.available.length === 0 ? 'no region has' : `only ${placement.available.join(', ')} has`;
    const wanted = placement.replicasWanted === 1 ? 'one region is needed' : `${placement.replicasWanted} regions are needed`;
    const hint =
      placement.available.length === 1 && placement.replicasWanted > 1 ? '; allow_single_region makes do with one' : '';
    return `${where} ${plan.body.gpu_count} free GPU(s) of type ${name}, and ${wanted}${hint}`;
  }
  return null;
}

function shortOfMoney(plan: LaunchPlan & { kind: 'gpu' }): ApiError {
  const { hold_nano_usd: hold } = plan.quote;
  const { gpu_count: gpus, replicas } = plan.capacity;
  const arithmetic = `rate × ${gpus} GPUs × ${replicas} replicas × the period of a hold`;
  return new ApiError('insufficient_balance', `the balance does not cover the hold of ${hold} nano-USD (${arithmetic})`);
}
