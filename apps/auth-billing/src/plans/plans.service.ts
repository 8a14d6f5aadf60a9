import { ApiError, type PlanView, type PutPlan } from '@ecolink/contracts';
import { appendEvents, Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { readAccountEvents } from '../accounts/account-state.store.js';
import { type Clock, CLOCK } from '../injection.js';
import { findPlan, listPlans, touchAccountsOfPlan, upsertPlan } from './plans.store.js';

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

  /** Makes or changes a plan. Routers know limits through accounts, so every account of the plan is announced. */
  put(name: string, limits: PutPlan): Promise<PlanView> {
    const plan = { name, ...limits };
    return this.database.transaction(async (transaction) => {
      await upsertPlan(transaction, plan);
      const accountIds = await touchAccountsOfPlan(transaction, name);
      await appendEvents(transaction, await readAccountEvents(transaction, accountIds, this.clock()));
      return plan;
    });
  }
}
