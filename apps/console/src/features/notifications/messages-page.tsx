import { Button, SegmentedControl } from '@mantine/core';
import { IconInbox } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { type Problem, toProblem } from '../../api/problem.js';
import { text } from '../../text/index.js';
import { Empty } from '../../ui/empty.js';
import { PageHeader } from '../../ui/page-header.js';
import page from '../../ui/page.module.css';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { RowsLoading } from '../../ui/rows-loading.js';
import { useTitle } from '../../ui/use-title.js';
import { MessageList } from './message-list.js';
import { allMessagesQuery, markAllRead, markRead, type Notification, unreadCountQuery } from './queries.js';
import styles from './messages.module.css';

export const SHOWN = ['all', 'unread', 'critical'] as const;
export type Shown = (typeof SHOWN)[number];

/** Everything that the account was told, newest first. */
export function MessagesPage({ shown }: { readonly shown: Shown }) {
  const navigate = useNavigate({ from: '/messages' });
  const queries = useQueryClient();
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(allMessagesQuery(shown === 'unread'));
  const unread = useQuery(unreadCountQuery).data ?? 0;
  const [problem, setProblem] = useState<Problem>();
  useTitle(text.messages.title);
  const all = data?.pages.flatMap((window) => window.data);
  const messages = shown === 'critical' ? all?.filter(({ severity }) => severity === 'critical') : all;
  const change = (next: Shown): void => void navigate({ search: next === 'all' ? {} : { show: next }, replace: true });
  const apply = async (call: Promise<void>): Promise<void> => {
    setProblem(undefined);
    try {
      await call;
      await queries.invalidateQueries({ queryKey: ['notifications'] });
    } catch (thrown) {
      setProblem(toProblem(thrown));
    }
  };
  const readAll = (
    <Button variant="default" onClick={() => void apply(markAllRead())}>
      {text.shell.markAllRead}
    </Button>
  );
  return (
    <>
      <PageHeader title={text.messages.title} {...(unread > 0 ? { note: text.shell.unread(unread), actions: readAll } : {})} />
      <div className={page.content}>
        <div className={page.filters}>
          <SegmentedControl
            aria-label={text.messages.filter}
            value={shown}
            onChange={change}
            data={SHOWN.map((value) => ({ value, label: text.messages.filters[value] }))}
          />
        </div>
        {problem !== undefined && <ProblemNotice problem={problem} />}
        {messages === undefined && error === null && <RowsLoading rows={6} twoLines />}
        {messages === undefined && error !== null && <ProblemNotice problem={toProblem(error)} />}
        {messages?.length === 0 && !hasNextPage && <NoMessages shown={shown} onAll={() => change('all')} />}
        {messages !== undefined && messages.length > 0 && (
          <MessageList messages={messages} onOpen={(message: Notification) => void apply(markRead(message))} />
        )}
        {hasNextPage && (
          <Button
            variant="default"
            className={styles.more ?? ''}
            loading={isFetchingNextPage}
            onClick={() => void fetchNextPage()}
          >
            {text.messages.more}
          </Button>
        )}
      </div>
    </>
  );
}

function NoMessages({ shown, onAll }: { readonly shown: Shown; readonly onAll: () => void }) {
  const t = text.messages;
  if (shown === 'all')
    return (
      <Empty icon={IconInbox} title={t.empty}>
        {t.emptyBody}
      </Empty>
    );
  const showAll = (
    <Button variant="default" onClick={onAll}>
      {t.showAll}
    </Button>
  );
  return (
    <Empty icon={IconInbox} title={shown === 'unread' ? t.noneUnread : t.noneCritical} action={showAll}>
      {t.emptyBody}
    </Empty>
  );
}
