import {
  ApiError,
  BUDGETS_PER_ACCOUNT_MAX,
  type BudgetState,
  type BudgetView,
  type CreateBudget,
  type IdempotentCall,
  type ListPage,
  type ListQuery,
  newId,
  type PatchBudget,
  type RaiseBudget,
} from '@ecolink/contracts';
import { Database, settleCall, type Transaction } from '@ecolink/database';
import { toListPage } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { readTimeZone } from '../identity/accounts/account-state.store.js';
import { type Clock, CLOCK } from '../injection.js';
import { lockBalances, writeBalances } from '../ledger/ledger.store.js';
import { announcePostings } from '../ledger/post-transactions.js';
import { readBudgetStates } from './budget-states.store.js';
import {
  type BudgetRow,
  countBudgets,
  deleteBudget,
  findBudget,
  insertBudget,
  insertRaise,
  isScopeKnown,
  listBudgets,
  updateLimit,
} from './budgets.store.js';

/** Budgets of an account. Each change is announced with the account, under the lock of its balance. */
@Injectable()
export class Budgets {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(accountId: string, query: ListQuery): Promise<ListPage<BudgetView>> {
    const { client } = this.database;
    const rows = await listBudgets(client, accountId, query);
    const states = await this.statesOf(client, accountId);
    return toListPage(
      rows.map((row) => toView(row, states)),
      query,
    );
  }

  create(accountId: string, body: CreateBudget, call: IdempotentCall | undefined): Promise<BudgetView> {
    return this.change(accountId, call, async (transaction) => {
      const { scope, period } = body;
      const scopeId = scope.id ?? null;
      if (scopeId !== null && !(await isScopeKnown(transaction, accountId, scope.kind, scopeId)))
        throw new ApiError('invalid_request', `there is no ${scope.kind} ${scopeId} in the account`, { param: 'scope.id' });
      if ((await countBudgets(transaction, accountId)) >= BUDGETS_PER_ACCOUNT_MAX)
        throw new ApiError('quota_reached', `an account has at most ${BUDGETS_PER_ACCOUNT_MAX} budgets`);
      const now = this.clock();
      return insertBudget(transaction, {
        ...{ id: newId('bdg', now.getTime()), accountId, scopeKind: scope.kind, scopeId, period, createdAt: now },
        limitNanoUsd: BigInt(body.limit_nano_usd),
      });
    });
  }

  patch(accountId: string, id: string, body: PatchBudget): Promise<BudgetView> {
    return this.change(accountId, undefined, async (transaction) => {
      const budget = await this.known(transaction, accountId, id);
      await updateLimit(transaction, id, BigInt(body.limit_nano_usd));
      return budget;
    });
  }

  /** Adds to the limit of the window of now, once. */
  raise(accountId: string, id: string, body: RaiseBudget, call: IdempotentCall | undefined): Promise<BudgetView> {
    return this.change(accountId, call, async (transaction) => {
      const budget = await this.known(transaction, accountId, id);
      const state = (await this.statesOf(transaction, accountId)).get(id);
      if (state === undefined) throw refuseUnknown();
      const isRaised = await insertRaise(transaction, id, new Date(state.window_started_at), BigInt(body.by_nano_usd));
      if (!isRaised) throw new ApiError('invalid_state', 'this window of the budget was raised before');
      return budget;
    });
  }

  async remove(accountId: string, id: string): Promise<void> {
    await this.database.transaction(async (transaction) => {
      await touchAccount(transaction, accountId);
      if (!(await deleteBudget(transaction, accountId, id))) throw refuseUnknown();
      await announcePostings(transaction, [], [accountId], this.clock());
    });
  }

  private change(
    accountId: string,
    call: IdempotentCall | undefined,
    decide: (transaction: Transaction) => Promise<BudgetRow>,
  ): Promise<BudgetView> {
    return this.database.transaction(async (transaction) => {
      await touchAccount(transaction, accountId);
      const { id } = await decide(transaction);
      const view = toView(await this.known(transaction, accountId, id), await this.statesOf(transaction, accountId));
      await settleCall(transaction, call, { status: 201, body: view });
      await announcePostings(transaction, [], [accountId], this.clock());
      return view;
    });
  }

  private async known(transaction: Transaction, accountId: string, id: string): Promise<BudgetRow> {
    return (await findBudget(transaction, accountId, id)) ?? refuse();
  }

  private async statesOf(client: Transaction, accountId: string): Promise<ReadonlyMap<string, BudgetState>> {
    const zones = new Map([[accountId, await readTimeZone(client, accountId)]]);
    const states = (await readBudgetStates(client, zones, this.clock())).get(accountId) ?? [];
    return new Map(states.map((state) => [state.budget_id, state]));
  }
}

/** Locks the account and lets its version grow, so that routers take the record that announces the change. */
async function touchAccount(transaction: Transaction, accountId: string): Promise<void> {
  await writeBalances(transaction, await lockBalances(transaction, [accountId]));
}

function toView(row: BudgetRow, states: ReadonlyMap<string, BudgetState>): BudgetView {
  const { budget_id: id, ...state } = states.get(row.id) ?? refuse();
  return { id, ...state, created_at: row.createdAt.toISOString() };
}

function refuseUnknown(): ApiError {
  return new ApiError('not_found', 'there is no such budget');
}

function refuse(): never {
  throw refuseUnknown();
}
