import {
  type AccountView,
  ApiError,
  type CreateAccount,
  type IdempotentCall,
  type ListPage,
  type ListQuery,
  type PatchAccount,
} from '@ecolink/contracts';
import { appendEvents, Database, settleCall, type Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../injection.js';
import { lockBalances } from '../ledger/ledger.store.js';
import { lockPlan } from '../plans/plans.store.js';
import { readAccountEvents } from './account-state.store.js';
import { findAccount, listAccounts, updateAccount } from './accounts.store.js';
import { createAccountWithOwner } from './create-account.js';

@Injectable()
export class Accounts {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  list(query: ListQuery): Promise<ListPage<AccountView>> {
    return listAccounts(this.database.client, query);
  }

  async get(id: string): Promise<AccountView> {
    return (await findAccount(this.database.client, id)) ?? refuseUnknown();
  }

  create(request: CreateAccount, call: IdempotentCall | undefined): Promise<AccountView> {
    return this.database.transaction(async (transaction) => {
      const { accountId } = await createAccountWithOwner(transaction, request, this.clock());
      const view = (await findAccount(transaction, accountId)) ?? refuseUnknown();
      await settleCall(transaction, call, { status: 201, body: view });
      return view;
    });
  }

  patch(id: string, patch: PatchAccount): Promise<AccountView> {
    return this.database.transaction((transaction) => this.patchIn(transaction, id, patch));
  }

  private async patchIn(transaction: Transaction, id: string, patch: PatchAccount): Promise<AccountView> {
    if (patch.plan !== undefined && (await lockPlan(transaction, patch.plan)) === undefined) {
      throw new ApiError('invalid_request', `there is no plan ${patch.plan}`, { param: 'plan' });
    }
    if ((await lockBalances(transaction, [id])).size === 0) refuseUnknown();
    await updateAccount(transaction, id, {
      ...(patch.plan === undefined ? {} : { planName: patch.plan }),
      ...(patch.status === undefined ? {} : { status: patch.status }),
    });
    await appendEvents(transaction, await readAccountEvents(transaction, [id], this.clock()));
    return (await findAccount(transaction, id)) ?? refuseUnknown();
  }
}

function refuseUnknown(): never {
  throw new ApiError('not_found', 'there is no such account');
}
