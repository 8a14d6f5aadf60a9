import { ApiError, type PlanView, type PutPlan } from '@ecolink/contracts';
import { appendEvents, Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { readAccountEvents } from '../../identity/accounts/account-state.store.js';
import { type Clock, CLOCK } from '../../injection.js';
import { PLAN_DEFAULT } from './plan-default.js';
import {
  countAccountsOfPlan,
  deletePlan,
  findPlan,
  listPlans,
  lockPlanAlone,
  touchAccountsOfPlan,
  upsertPlan,
} from './plans.store.js';

const PLANS_MAX = 1_000;

@Injectable()
export class Plans {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  list(): Promise<readonly PlanView[]> {
    return listPlans(this.database.client, PLANS_MAX);
  }

  async get(name: string): Promise<PlanView> {
    const plan = await findPlan(this.database.client, name);
    if (plan === undefined) throw new ApiError('not_found', 'there is no such plan');
    return plan;
  }

  /** 409 while an account has it, deleted ones included: what they had stays known. */
  remove(name: string): Promise<PlanView> {
    return this.database.transaction(async (transaction) => {
      await lockPlanAlone(transaction, name);
      const plan = await findPlan(transaction, name);
      if (plan === undefined) throw new ApiError('not_found', 'there is no such plan');
      if (name === PLAN_DEFAULT) throw new ApiError('invalid_state', 'new accounts get this plan');
      const accounts = await countAccountsOfPlan(transaction, name);
      if (accounts > 0) throw new ApiError('invalid_state', `${accounts} accounts have this plan: give them another one first`);
      await deletePlan(transaction, name);
      return plan;
    });
  }

  /** Makes or changes a plan. Routers know limits through accounts, so every account of the plan is announced. */
  put(name: string, limits: PutPlan): Promise<{ readonly former: PlanView | undefined; readonly plan: PlanView }> {
    const plan = { name, ...limits };
    return this.database.transaction(async (transaction) => {
      const former = await findPlan(transaction, name);
      await upsertPlan(transaction, plan);
      const accountIds = await touchAccountsOfPlan(transaction, name);
      await appendEvents(transaction, await readAccountEvents(transaction, accountIds, this.clock()));
      return { former, plan };
    });
  }
}
