import {
  type AccountsQuery,
  type AccountView,
  ApiError,
  type CreateAccount,
  type IdempotentCall,
  type ListPage,
  type PatchAccount,
} from '@ecolink/contracts';
import { appendEvents, Database, settleCall, type Transaction } from '@ecolink/database';
import type { Actor } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../../injection.js';
import { lockBalances } from '../../ledger/ledger.store.js';
import { recordAccountAudit } from '../../operations/audit/account-audit.store.js';
import { lockPlan } from '../../pricing/plans/plans.store.js';
import { readAccountEvents } from './account-state.store.js';
import { findAccount, listAccounts, updateAccount } from './accounts.store.js';
import { createAccountWithOwner } from './create-account.js';

@Injectable()
export class Accounts {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  list(query: AccountsQuery): Promise<ListPage<AccountView>> {
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

  /** The account as it was and as it is. Throws 409 for a deleted one. */
  patch(id: string, patch: PatchAccount, actor: Actor): Promise<PatchedAccount> {
    return this.database.transaction((transaction) => this.patchIn(transaction, id, patch, actor));
  }

  private async patchIn(transaction: Transaction, id: string, patch: PatchAccount, actor: Actor): Promise<PatchedAccount> {
    if (patch.plan !== undefined && (await lockPlan(transaction, patch.plan)) === undefined) {
      throw new ApiError('invalid_request', `there is no plan ${patch.plan}`, { param: 'plan' });
    }
    if ((await lockBalances(transaction, [id])).size === 0) refuseUnknown();
    const former = (await findAccount(transaction, id)) ?? refuseUnknown();
    if (former.deleted_at !== null) throw new ApiError('invalid_state', 'this account is deleted, which is final');
    await updateAccount(transaction, id, {
      ...(patch.name === undefined ? {} : { name: patch.name }),
      ...(patch.plan === undefined ? {} : { planName: patch.plan }),
      ...(patch.status === undefined ? {} : { status: patch.status }),
    });
    await appendEvents(transaction, await readAccountEvents(transaction, [id], this.clock()));
    const view = (await findAccount(transaction, id)) ?? refuseUnknown();
    const change = { before: auditedAccount(former), after: auditedAccount(view) };
    await recordAccountAudit(
      transaction,
      { accountId: id, actor, action: 'account.changed', target: id, ...change },
      this.clock(),
    );
    return { former, account: view };
  }
}

export interface PatchedAccount {
  readonly former: AccountView;
  readonly account: AccountView;
}

/** What an operator changes of an account. */
export function auditedAccount({ name, plan, status }: AccountView): object {
  return { name, plan, status };
}

function refuseUnknown(): never {
  throw new ApiError('not_found', 'there is no such account');
}
