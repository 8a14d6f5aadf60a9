import { useNavigate } from '@tanstack/react-router';
import { api, take } from '../api/client.js';
import { announceSession } from '../features/session/account-channel.js';
import { useActiveAccount } from '../features/session/queries.js';
import { showAccount } from '../features/session/show-account.js';

/** Shows another account of the person, in this tab and in the others. */
export function useSwitchAccount(): (accountId: string) => Promise<void> {
  const active = useActiveAccount();
  const navigate = useNavigate();
  return async (accountId) => {
    if (accountId === active?.id) return;
    const next = await take(api.PUT('/api/v1/me/active-account', { body: { account_id: accountId } }));
    announceSession();
    // The list of the same page: an id of the other account must not be asked for here.
    const section = /^\/console(\/[^/]*)/.exec(window.location.pathname)?.[1] ?? '/';
    showAccount(next);
    await navigate({ to: section });
  };
}
