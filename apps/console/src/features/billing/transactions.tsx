import { Button } from '@mantine/core';
import { IconDownload, IconReceipt2 } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { toProblem } from '../../api/problem.js';
import { text } from '../../text/index.js';
import { Empty } from '../../ui/empty.js';
import { FilterChips } from '../../ui/filter-chips.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { RowsLoading } from '../../ui/rows-loading.js';
import { useZone } from '../session/queries.js';
import styles from './billing.module.css';
import { type TransactionFilter, transactionsQuery, transactionTimes, TYPES } from './queries.js';
import { TransactionRows } from './transaction-rows.js';

interface TransactionsProps {
  readonly filter: TransactionFilter;
  readonly onChange: (next: TransactionFilter) => void;
}

const NO_FILTER = { type: undefined, from: undefined, to: undefined };

/** The ledger, newest first, in windows that are asked for as they come into sight. */
export function Transactions({ filter, onChange }: TransactionsProps) {
  const zone = useZone();
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(transactionsQuery(filter, zone));
  const rows = useMemo(() => data?.pages.flatMap((window) => window.data), [data]);
  const t = text.billing.transactions;
  return (
    <section className={styles.plainCard} aria-labelledby="transactions">
      <div className={`${styles.cardHead ?? ''} ${styles.padded ?? ''}`}>
        <h2 className={styles.cardTitle} id="transactions">
          {t.title}
        </h2>
        <Filters filter={filter} onChange={onChange} />
      </div>
      {rows === undefined && error === null && <RowsLoading rows={6} />}
      {rows === undefined && error !== null && <ProblemNotice problem={toProblem(error)} />}
      {rows?.length === 0 && <NoRows filter={filter} onClear={() => onChange(NO_FILTER)} />}
      {rows !== undefined && rows.length > 0 && (
        <TransactionRows
          rows={rows}
          note={isFetchingNextPage ? t.more : !hasNextPage && data?.pages.at(-1)?.has_more === true ? t.bound : undefined}
          onEnd={() => {
            if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
          }}
        />
      )}
    </section>
  );
}

function Filters({ filter, onChange }: TransactionsProps) {
  const zone = useZone();
  const t = text.billing.transactions;
  const csv = new URLSearchParams({ ...transactionTimes(filter, zone), format: 'csv' });
  return (
    <div className={styles.filters}>
      <FilterChips
        filters={[
          { name: 'type', label: t.type, value: filter.type, choices: TYPES.map((value) => ({ value, label: t.types[value] })) },
          { name: 'from', label: t.from, value: filter.from, kind: 'date' },
          { name: 'to', label: t.to, value: filter.to, kind: 'date' },
        ]}
        onChange={(name, value) => onChange({ [name]: value })}
      />
      <Button
        component="a"
        href={`/api/v1/billing/transactions?${csv.toString()}`}
        download="transactions.csv"
        variant="default"
        leftSection={<IconDownload size={15} stroke={1.7} aria-hidden="true" />}
      >
        {t.csv}
      </Button>
    </div>
  );
}

function NoRows({ filter, onClear }: { readonly filter: TransactionFilter; readonly onClear: () => void }) {
  const t = text.billing.transactions;
  const filters = [
    filter.type === undefined ? undefined : `${t.type.toLowerCase()} ${t.types[filter.type]}`,
    filter.from === undefined ? undefined : `${t.from.toLowerCase()} ${filter.from}`,
    filter.to === undefined ? undefined : `${t.to.toLowerCase()} ${filter.to}`,
  ].filter((value) => value !== undefined);
  if (filters.length === 0)
    return (
      <Empty icon={IconReceipt2} title={t.empty}>
        {t.emptyBody}
      </Empty>
    );
  const clear = (
    <Button variant="default" onClick={onClear}>
      {t.clear}
    </Button>
  );
  return (
    <Empty icon={IconReceipt2} title={t.noneMatches} action={clear}>
      {t.noneMatchesBody(filters.join(', '))}
    </Empty>
  );
}
