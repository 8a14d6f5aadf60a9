import { ApiError, type ListPage, type ListQuery, type MemberRole, type MemberView, type Principal } from '@ecolink/contracts';
import { Database, type Transaction } from '@ecolink/database';
import { type Actor } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../../injection.js';
import { recordAccountAudit } from '../../operations/audit/account-audit.store.js';
import { lockQuotas } from '../../pricing/plans/plans.store.js';
import { countOwners, deleteMembership, findMembership, listMembers, setRole } from './members.store.js';

@Injectable()
export class Members {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  list(accountId: string, query: ListQuery): Promise<ListPage<MemberView>> {
    return listMembers(this.database.client, accountId, query);
  }

  /** Throws 404 for who does not belong to the account, 409 where no owner would be left. */
  changeRole(accountId: string, userId: string, role: MemberRole, actor: Actor): Promise<MemberView> {
    return this.database.transaction(async (transaction) => {
      const member = await this.lockMember(transaction, accountId, userId);
      if (member.role === role) return member;
      if (member.role === 'owner') await refuseLastOwner(transaction, accountId);
      await setRole(transaction, accountId, userId, role);
      const change = { before: { role: member.role }, after: { role } };
      const audit = { accountId, actor, action: 'member.role_changed', target: userId, ...change };
      await recordAccountAudit(transaction, audit, this.clock());
      return { ...member, role };
    });
  }

  /** Owners may remove anyone, members themselves. */
  remove(principal: Principal, userId: string, actor: Actor): Promise<void> {
    const accountId = principal.account_id;
    if (principal.role !== 'owner' && principal.user_id !== userId) {
      throw new ApiError('role_not_permitted', 'only an owner of the account may remove others');
    }
    return this.database.transaction(async (transaction) => {
      const member = await this.lockMember(transaction, accountId, userId);
      if (member.role === 'owner') await refuseLastOwner(transaction, accountId);
      await deleteMembership(transaction, accountId, userId);
      const before = { email: member.email, role: member.role };
      const action = principal.user_id === userId ? 'member.left' : 'member.removed';
      await recordAccountAudit(transaction, { accountId, actor, action, target: userId, before }, this.clock());
    });
  }

  /** Under the account's lock, so that of two owners who leave at once one stays. */
  private async lockMember(transaction: Transaction, accountId: string, userId: string): Promise<MemberView> {
    await lockQuotas(transaction, accountId);
    const member = await findMembership(transaction, accountId, userId);
    if (member === undefined) throw new ApiError('not_found', 'there is no such member');
    return member;
  }
}

async function refuseLastOwner(transaction: Transaction, accountId: string): Promise<void> {
  if ((await countOwners(transaction, accountId)) > 1) return;
  throw new ApiError('last_owner', 'an account keeps at least one owner: make another member an owner first');
}
