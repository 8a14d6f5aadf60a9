import { Button } from '@mantine/core';
import { IconDownload, IconListDetails, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useState } from 'react';
import { toProblem } from '../../api/problem.js';
import { countText } from '../../format/count.js';
import { text } from '../../text/index.js';
import { Empty } from '../../ui/empty.js';
import { PageHeader } from '../../ui/page-header.js';
import page from '../../ui/page.module.css';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { RowsLoading } from '../../ui/rows-loading.js';
import { useTitle } from '../../ui/use-title.js';
import { Histogram } from './histogram.js';
import { useKeyName } from './key-names.js';
import { LiveRows } from './live-rows.js';
import { type RequestFilter, requestParams, type RequestRange, requestsQuery } from './queries.js';
import { RequestFilters } from './request-filters.js';
import styles from './requests.module.css';

const RequestDrawer = lazy(() => import('./request-drawer.js'));
const NO_FILTER: RequestFilter = {
  status: undefined,
  code: undefined,
  key: undefined,
  model: undefined,
  outcome: undefined,
  region: undefined,
  endpoint: undefined,
  tag: undefined,
};

export interface RequestsSearch extends RequestFilter {
  readonly range?: RequestRange | undefined;
  /** The request whose drawer is open. */
  readonly request?: string | undefined;
}

/** Every answer that the account's keys were given: how it ended, what it took and cost. */
export function RequestsPage({ search }: { readonly search: RequestsSearch }) {
  const navigate = useNavigate({ from: '/requests' });
  const [live, setLive] = useState(true);
  const { range = '1h', request, ...filter } = search;
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(requestsQuery(filter, range, live));
  const t = text.requests;
  useTitle(t.title);
  const change = useCallback(
    (next: RequestsSearch): void => {
      void navigate({ search: (before: RequestsSearch) => ({ ...before, ...next }), replace: true, resetScroll: false });
    },
    [navigate],
  );
  const open = (id: string): void => change({ request: id });
  const rows = data?.pages.flatMap((window) => window.data);
  const at = rows?.findIndex(({ id }) => id === request) ?? -1;
  const more = !hasNextPage && data?.pages.at(-1)?.has_more === true ? t.bound : undefined;
  return (
    <>
      <PageHeader
        title={t.title}
        note={live ? t.live : t.paused}
        actions={<Actions live={live} onLive={setLive} search={search} />}
      />
      <div className={page.content}>
        <RequestFilters filter={filter} range={range} onChange={change} onOpen={open} />
        <Histogram filter={filter} range={range} live={live} />
        {rows === undefined && error === null && <RowsLoading rows={8} />}
        {rows === undefined && error !== null && <ProblemNotice problem={toProblem(error)} />}
        {rows?.length === 0 && <NoRows filter={filter} range={range} onClear={() => change(NO_FILTER)} />}
        {rows !== undefined && rows.length > 0 && (
          <LiveRows
            key={JSON.stringify([filter, range])}
            rows={rows}
            open={request}
            note={
              [isFetchingNextPage ? t.more : more, countedText(data?.pages[0]?.counted_refusals)].filter(Boolean).join(' ') ||
              undefined
            }
            onOpen={open}
            onEnd={() => {
              if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
            }}
          />
        )}
        <p className={styles.quiet}>{t.neverStored}</p>
      </div>
      <Suspense>
        {request !== undefined && (
          <RequestDrawer
            id={request}
            newer={at > 0 ? rows?.[at - 1]?.id : undefined}
            older={at >= 0 ? rows?.[at + 1]?.id : undefined}
            onOpen={open}
            onClose={() => change({ request: undefined })}
          />
        )}
      </Suspense>
    </>
  );
}

function countedText(count: number | undefined): string | undefined {
  return count === undefined || count === 0 ? undefined : text.requests.counted(countText(count));
}

interface ActionsProps {
  readonly live: boolean;
  readonly onLive: (live: boolean) => void;
  readonly search: RequestsSearch;
}

function Actions({ live, onLive, search }: ActionsProps) {
  const { range = '1h', request: _, ...filter } = search;
  const t = text.requests;
  const Icon = live ? IconPlayerPause : IconPlayerPlay;
  const params = Object.entries(requestParams(filter, range)).map(([name, value]): [string, string] => [name, String(value)]);
  return (
    <>
      <Button
        component="a"
        href={`/api/v1/requests?${new URLSearchParams([...params, ['format', 'csv']]).toString()}`}
        download="requests.csv"
        variant="default"
        leftSection={<IconDownload size={15} stroke={1.7} aria-hidden="true" />}
      >
        {t.csv}
      </Button>
      <Button variant="default" leftSection={<Icon size={15} stroke={1.7} aria-hidden="true" />} onClick={() => onLive(!live)}>
        {live ? t.pause : t.resume}
      </Button>
    </>
  );
}

interface NoRowsProps {
  readonly filter: RequestFilter;
  readonly range: RequestRange;
  readonly onClear: () => void;
}

function NoRows({ filter, range, onClear }: NoRowsProps) {
  const keyName = useKeyName();
  const t = text.requests;
  const { key, outcome, status, code, model, region, endpoint, tag } = filter;
  const named: readonly (readonly [keyof typeof t.filters, string | undefined])[] = [
    ['status', status === undefined ? undefined : String(status)],
    ['code', code],
    ['key', key === undefined ? undefined : keyName(key)],
    ['model', model],
    ['outcome', outcome === undefined ? undefined : t.outcomes[outcome]],
    ['region', region],
    ['endpoint', endpoint],
    ['tag', tag],
  ];
  const filters = named
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${t.filters[name].toLowerCase()} ${value ?? ''}`);
  if (filters.length === 0)
    return (
      <Empty icon={IconListDetails} title={t.empty}>
        {t.emptyBody}
      </Empty>
    );
  const clear = (
    <Button variant="default" onClick={onClear}>
      {t.clear}
    </Button>
  );
  return (
    <Empty icon={IconListDetails} title={t.noneMatches} action={clear}>
      {t.noneMatchesBody(t.ranges[range], filters.join(' and '))}
    </Empty>
  );
}
