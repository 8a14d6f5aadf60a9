import type { MeView, UserView } from '@ecolink/contracts';
import type { Session, SessionUser } from './session.store.js';

function toUserView(user: SessionUser): UserView {
  return { id: user.id, email: user.email, name: user.name, totp_enabled: user.hasTotp };
}

export function toMeView(session: Session): MeView {
  const accounts = session.memberships.map(({ accountId, accountName, role }) => ({ id: accountId, name: accountName, role }));
  return { user: toUserView(session.user), accounts, active_account_id: session.activeAccountId };
}
