import { ApiError, type AuthorizeRequest, type Principal } from '@ecolink/contracts';
import { Authorizer } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { Session } from '../session/session.store.js';
import { Sessions } from '../session/sessions.service.js';
import type { KnownKey } from './authorize.store.js';
import { ManagementKeys } from './management-keys.service.js';

/** Says who makes a management call; the other services ask through `POST /internal/authorize`. A key goes before a session. */
@Injectable()
export class LocalAuthorizer extends Authorizer {
  constructor(
    @Inject(ManagementKeys) private readonly keys: ManagementKeys,
    @Inject(Sessions) private readonly sessions: Sessions,
  ) {
    super();
  }

  async authorize(request: AuthorizeRequest): Promise<Principal> {
    if (request.authorization !== null) return principalOfKey(await this.keys.find(request.authorization));
    const session = await this.sessions.find(request.cookie);
    if (session === undefined) throw new ApiError('session_required', 'sign in, or send a key that has the scope management');
    return principalOfSession(session);
  }
}

/** A management key acts as owner of its one account. */
function principalOfKey(key: KnownKey): Principal {
  if (key.isAccountSuspended) refuseSuspended();
  return { kind: 'key', account_id: key.accountId, role: 'owner', user_id: null, key_id: key.id, scopes: [...key.scopes] };
}

function principalOfSession(session: Session): Principal {
  const active = session.memberships.find((membership) => membership.accountId === session.activeAccountId);
  if (active === undefined) throw new ApiError('role_not_permitted', 'this user belongs to no account');
  if (active.isSuspended) refuseSuspended();
  const { accountId, role } = active;
  return {
    kind: 'session',
    account_id: accountId,
    role,
    user_id: session.user.id,
    key_id: null,
    scopes: ['inference', 'management'],
  };
}

function refuseSuspended(): never {
  throw new ApiError('account_suspended', 'the account is suspended');
}
