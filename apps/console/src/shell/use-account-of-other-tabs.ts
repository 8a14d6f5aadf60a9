import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { toProblem } from '../api/problem.js';
import { refresh } from '../api/refresh.js';
import { sessionRenewed } from '../api/session.js';
import { onOtherTabsSession } from '../features/session/account-channel.js';
import { activeAccountOf, meQuery } from '../features/session/queries.js';
import { showAccount } from '../features/session/show-account.js';
import { text } from '../text/index.js';

const UNAUTHORIZED = 401;

/** Another tab signed in or out, or switched the account: this one follows, and shows nothing of whom it showed before. */
export function useAccountOfOtherTabs(): void {
  const queries = useQueryClient();
  const navigate = useNavigate();
  useEffect(() => {
    const follow = async (): Promise<void> => {
      const before = queries.getQueryData(meQuery.queryKey);
      const me = await queries.query({ ...meQuery, staleTime: 0 });
      const account = activeAccountOf(me);
      if (before?.user?.id !== me.user?.id) return window.location.assign('/console');
      if (before !== undefined && activeAccountOf(before)?.id === account?.id) {
        sessionRenewed();
        return refresh(queries);
      }
      showAccount(me);
      await navigate({ to: '/' });
      const message = text.shell.accountChangedBody(account?.name ?? '');
      notifications.show({ title: text.shell.accountChanged, message });
    };
    return onOtherTabsSession(() => {
      follow().catch((thrown: unknown) => {
        if (toProblem(thrown).status === UNAUTHORIZED) window.location.assign('/console/login');
      });
    });
  }, [queries, navigate]);
}
