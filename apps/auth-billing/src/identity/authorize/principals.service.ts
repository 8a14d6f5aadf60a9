import { ApiError, type AuthorizeRequest, type Principal } from '@ecolink/contracts';
import { Inject, Injectable } from '@nestjs/common';
import type { Session } from '../sessions/session.store.js';
import { Sessions } from '../sessions/sessions.service.js';
import type { KnownKey } from './authorize.store.js';
import { ManagementKeys } from './management-keys.service.js';

/** Knows who makes a management call. A key goes before a session. */
@Injectable()
export class Principals {
  constructor(
    @Inject(ManagementKeys) private readonly keys: ManagementKeys,
    @Inject(Sessions) private readonly sessions: Sessions,
  ) {}

  /** Throws 401 for nobody, 403 for somebody who may not manage the account now. */
  async find(request: AuthorizeRequest): Promise<Principal> {
    if (request.authorization !== null)
      return principalOfKey(await this.keys.find(request.authorization, request.client_address));
    return principalOfSession(
      await this.sessions.require(request.cookie, 'sign in, or send a key that has the scope management'),
    );
  }
}

/** A management key acts as owner of its one account. */
function principalOfKey(key: KnownKey): Principal {
  if (key.isAccountSuspended) refuseSuspended();
  return {
    kind: 'key',
    account_id: key.accountId,
    role: 'owner',
    user_id: null,
    key_id: key.id,
    scopes: [...key.scopes],
    quotas: key.quotas,
  };
}

function principalOfSession(session: Session): Principal {
  const active = session.memberships.find((membership) => membership.accountId === session.activeAccountId);
  if (active === undefined) throw new ApiError('role_not_permitted', 'this user belongs to no account');
  if (active.isSuspended) refuseSuspended();
  if (active.requiresMfa && !session.user.hasTotp) {
    throw new ApiError('mfa_enrolment_required', 'this account asks for a second factor: set one up first');
  }
  const { accountId, role, quotas } = active;
  return {
    kind: 'session',
    account_id: accountId,
    role,
    user_id: session.user.id,
    key_id: null,
    scopes: ['inference', 'management'],
    quotas,
  };
}

function refuseSuspended(): never {
  throw new ApiError('account_suspended', 'the account is suspended');
}
