import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { toProblem } from '../../api/problem.js';
import { durationText } from '../../format/duration.js';
import { moneyTextShort, nanoUsd } from '../../format/money.js';
import { clockText } from '../../format/time.js';
import { text } from '../../text/index.js';
import { Notice } from '../../ui/notice.js';
import { PageHeader } from '../../ui/page-header.js';
import page from '../../ui/page.module.css';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { RowsLoading } from '../../ui/rows-loading.js';
import { useTitle } from '../../ui/use-title.js';
import { useZone } from '../session/queries.js';
import styles from './billing.module.css';
import { Budgets } from './budgets.js';
import { Cards, type Summary } from './cards.js';
import { CostChart } from './cost-chart.js';
import { OwnerButton } from './owner-button.js';
import { BalancePanel, CardPanel } from './panels.js';
import type { Group, Range, TransactionType } from './queries.js';
import { RechargePanel } from './recharge-panel.js';
import { billingSummaryQuery } from './summary.js';
import { Transactions } from './transactions.js';

const TopUpDialog = lazy(() => import('./top-up-dialog.js'));
const WARN_MS = 60 * 60_000;

export interface BillingSearch {
  readonly by?: Group | undefined;
  readonly range?: Range | undefined;
  readonly type?: TransactionType | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly dialog?: 'top-up' | undefined;
  /** How the payer comes back from the provider's page. */
  readonly payment?: 'paid' | 'saved' | 'cancelled' | undefined;
}

/** Balance, costs, payments and limits of the account. */
export function BillingPage({ search }: { readonly search: BillingSearch }) {
  const navigate = useNavigate({ from: '/billing' });
  const { data: summary, error } = useQuery(billingSummaryQuery);
  const t = text.billing;
  useTitle(t.title);
  const change = (next: BillingSearch): void => {
    void navigate({ search: (before: BillingSearch) => ({ ...before, ...next }), replace: true, resetScroll: false });
  };
  const group = search.by ?? 'model';
  return (
    <>
      <PageHeader
        title={t.title}
        actions={
          <OwnerButton
            leftSection={<IconPlus size={16} stroke={1.8} aria-hidden="true" />}
            onClick={() => change({ dialog: 'top-up' })}
          >
            {t.topUp}
          </OwnerButton>
        }
      />
      <div className={page.content}>
        <Returned payment={search.payment} />
        {summary !== undefined && <RunsOut summary={summary} />}
        {summary === undefined && error === null && <RowsLoading rows={2} />}
        {summary === undefined && error !== null && <ProblemNotice problem={toProblem(error)} />}
        {summary !== undefined && <Cards summary={summary} group={group} />}
        <div className={styles.columns}>
          <div className={styles.stack}>
            <CostChart group={group} range={search.range ?? 'month'} onChange={change} />
            <Budgets />
          </div>
          <div className={styles.stack}>
            {summary !== undefined && <BalancePanel summary={summary} />}
            <RechargePanel />
            <CardPanel />
          </div>
        </div>
        <Transactions filter={{ type: search.type, from: search.from, to: search.to }} onChange={change} />
      </div>
      <Suspense>{search.dialog === 'top-up' && <TopUpDialog onClose={() => change({ dialog: undefined })} />}</Suspense>
    </>
  );
}

function Returned({ payment }: Pick<BillingSearch, 'payment'>) {
  const { topUpDialog, card } = text.billing;
  switch (payment) {
    case undefined:
      return null;
    case 'paid':
      return (
        <Notice kind="info" title={topUpDialog.returned}>
          {topUpDialog.returnedBody}
        </Notice>
      );
    case 'saved':
      return <Notice kind="info" title={card.stored} />;
    case 'cancelled':
      return <Notice kind="warn" title={topUpDialog.cancelled} />;
  }
}

function RunsOut({ summary }: { readonly summary: Summary }) {
  const zone = useZone();
  if (summary.runs_out_at === null) return null;
  const leftMs = Date.parse(summary.runs_out_at) - Date.now();
  if (leftMs > WARN_MS) return null;
  const rate = moneyTextShort(nanoUsd(summary.burn_rate_nano_usd_per_hour));
  return (
    <Notice kind="warn" title={text.billing.runsOut(durationText(leftMs))}>
      {text.billing.runsOutBody(rate, clockText(summary.runs_out_at, zone))}
    </Notice>
  );
}
