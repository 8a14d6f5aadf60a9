import {
  type AccountOfUser,
  ApiError,
  type IdempotentCall,
  type InvitePreview,
  type InviteView,
  type ListPage,
  type ListQuery,
  type MemberRole,
} from '@ecolink/contracts';
import { Database, settleCall } from '@ecolink/database';
import { type Actor } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../../injection.js';
import { recordAccountAudit } from '../../operations/audit/account-audit.store.js';
import { holdQuota } from '../../pricing/plans/hold-quota.js';
import { findUserById } from '../users/users.store.js';
import { InviteTokens } from './invite-tokens.js';
import { countOpenInvites, findOpenInvite, insertInvite, type Invite, listOpenInvites, revokeInvite } from './invites.store.js';
import { joinAccount, refuseExpired } from './join-account.js';

const LIFETIME_MS = 14 * 24 * 60 * 60 * 1000;

@Injectable()
export class Invites {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(InviteTokens) private readonly tokens: InviteTokens,
  ) {}

  async list(accountId: string, query: ListQuery): Promise<ListPage<InviteView>> {
    const page = await listOpenInvites(this.database.client, accountId, query, this.clock());
    return { ...page, data: page.data.map((invite) => this.toView(invite)) };
  }

  create(accountId: string, role: MemberRole, actor: Actor, call: IdempotentCall | undefined): Promise<InviteView> {
    const now = this.clock();
    return this.database.transaction(async (transaction) => {
      const count = () => countOpenInvites(transaction, accountId, now);
      await holdQuota(transaction, accountId, { name: 'max_invites', count });
      const expiresAt = new Date(now.getTime() + LIFETIME_MS);
      const invite = await insertInvite(transaction, { accountId, role, createdBy: actor.id, expiresAt }, now);
      const after = { role, expires_at: expiresAt.toISOString() };
      await recordAccountAudit(transaction, { accountId, actor, action: 'invite.created', target: invite.id, after }, now);
      const view = this.toView(invite);
      await settleCall(transaction, call, { status: 201, body: view });
      return view;
    });
  }

  /** Throws 404 for another account's invite as for an unknown one and one that is no longer open. */
  revoke(accountId: string, id: string, actor: Actor): Promise<void> {
    const now = this.clock();
    return this.database.transaction(async (transaction) => {
      const invite = await revokeInvite(transaction, { id, accountId }, now);
      if (invite === undefined) throw new ApiError('not_found', 'there is no such invite');
      const before = { role: invite.role };
      await recordAccountAudit(transaction, { accountId, actor, action: 'invite.revoked', target: id, before }, now);
    });
  }

  async preview(token: string): Promise<InvitePreview> {
    const id = this.tokens.inviteIdOf(token);
    const invite = id === undefined ? undefined : await findOpenInvite(this.database.client, id, this.clock());
    if (invite === undefined) refuseExpired();
    const inviter = await findUserById(this.database.client, invite.createdBy);
    return {
      account_name: invite.accountName,
      role: invite.role,
      invited_by: inviter?.email ?? invite.accountName,
      expires_at: invite.expiresAt.toISOString(),
    };
  }

  accept(token: string, userId: string, requestId: string): Promise<AccountOfUser> {
    const joining = { inviteId: this.tokens.inviteIdOf(token), userId, actor: { kind: 'user', id: userId, requestId } as const };
    return this.database.transaction((transaction) => joinAccount(transaction, joining, this.clock()));
  }

  private toView(invite: Invite): InviteView {
    return {
      id: invite.id,
      role: invite.role,
      url: this.tokens.urlOf(invite.id),
      token: this.tokens.tokenOf(invite.id),
      created_by: invite.createdBy,
      created_at: invite.createdAt.toISOString(),
      expires_at: invite.expiresAt.toISOString(),
    };
  }
}
