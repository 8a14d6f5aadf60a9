import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.js';
import { toProblem } from '../../api/problem.js';
import { moneyText, nanoUsd } from '../../format/money.js';
import { recentText } from '../../format/time.js';
import { text } from '../../text/index.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { type Column, DataTable } from '../../ui/data-table.js';
import { Money } from '../../ui/money.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { RowsLoading } from '../../ui/rows-loading.js';
import { RowMenu } from '../../ui/row-menu.js';
import table from '../../ui/table.module.css';
import { useActiveAccount, useZone } from '../session/queries.js';
import styles from './billing.module.css';
import { CreateBudgetDialog } from './create-budget-dialog.js';
import { LimitDialog } from './limit-dialog.js';
import { OwnerButton } from './owner-button.js';
import { type Budget, budgetsQuery } from './queries.js';
import { useScopeText } from './scope-text.js';

interface Open {
  readonly kind: 'change' | 'raise' | 'remove';
  readonly budget: Budget;
}

/** What calls may cost in a period. */
export function Budgets() {
  const queries = useQueryClient();
  const { data: budgets, error } = useQuery(budgetsQuery);
  const [creating, setCreating] = useState(false);
  const [open, setOpen] = useState<Open>();
  const scopeText = useScopeText();
  const t = text.billing.budgets;
  const close = (): void => setOpen(undefined);
  return (
    <section className={styles.card} aria-labelledby="budgets">
      <div className={styles.cardHead}>
        <h2 className={styles.cardTitle} id="budgets">
          {t.title} <span className={styles.cardNote}>{t.note}</span>
        </h2>
        <OwnerButton
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} stroke={1.8} aria-hidden="true" />}
          onClick={() => setCreating(true)}
        >
          {t.add}
        </OwnerButton>
      </div>
      {budgets === undefined && error === null && <RowsLoading rows={2} />}
      {budgets === undefined && error !== null && <ProblemNotice problem={toProblem(error)} />}
      {budgets?.length === 0 && <p className={styles.quiet}>{t.empty}</p>}
      {budgets !== undefined && budgets.length > 0 && <BudgetsTable budgets={budgets} onOpen={setOpen} />}
      {creating && <CreateBudgetDialog onClose={() => setCreating(false)} />}
      {(open?.kind === 'change' || open?.kind === 'raise') && (
        <LimitDialog kind={open.kind} budget={open.budget} onClose={close} />
      )}
      {open?.kind === 'remove' && (
        <ConfirmDialog
          title={t.removeTitle(scopeText(open.budget))}
          body={t.removeBody}
          action={t.remove}
          danger
          onClose={close}
          onConfirm={async () => {
            await take(api.DELETE('/api/v1/budgets/{id}', { params: { path: { id: open.budget.id } } }));
            await queries.invalidateQueries({ queryKey: ['billing', 'budgets'] });
          }}
        />
      )}
    </section>
  );
}

interface BudgetsTableProps {
  readonly budgets: readonly Budget[];
  readonly onOpen: (open: Open) => void;
}

function BudgetsTable({ budgets, onOpen }: BudgetsTableProps) {
  const zone = useZone();
  const scopeText = useScopeText();
  const isOwner = useActiveAccount()?.role === 'owner';
  const { columns, ...t } = text.billing.budgets;
  const actionsOf = (budget: Budget) =>
    (['raise', 'change', 'remove'] as const).map((kind) => ({ label: t[kind], onClick: () => onOpen({ kind, budget }) }));
  const shown: Column<Budget>[] = [
    { header: columns.scope, kind: 'lead', cell: scopeText },
    { header: columns.period, cell: ({ period }) => t.periods[period] },
    { header: columns.spent, cell: (budget) => <Spent budget={budget} /> },
    { header: columns.limit, cell: (budget) => <Limit budget={budget} /> },
    { header: columns.ends, cell: ({ window_ends_at: at }) => (at === null ? t.never : recentText(at, zone)) },
    {
      header: columns.actions,
      kind: 'menu',
      cell: (budget) =>
        isOwner ? (
          <RowMenu label={t.menu(scopeText(budget))} actions={actionsOf(budget)} />
        ) : (
          <Button variant="subtle" size="xs" data-disabled aria-disabled title={text.billing.ownersOnly}>
            {t.change}
          </Button>
        ),
    },
  ];
  return <DataTable framed columns={shown} rows={budgets} />;
}

const PERCENT = 100n;
const NEAR = 90;

function limitOf(budget: Budget): bigint {
  return nanoUsd(budget.limit_nano_usd) + nanoUsd(budget.raised_nano_usd);
}

function Spent({ budget }: { readonly budget: Budget }) {
  const spent = nanoUsd(budget.spent_nano_usd);
  const limit = limitOf(budget);
  const percent = limit > 0n ? Number((spent * PERCENT) / limit) : Number(PERCENT);
  return (
    <>
      <Money amount={spent} />
      <span className={percent >= NEAR ? styles.near : table.sub}>{text.billing.budgets.share(percent)}</span>
    </>
  );
}

function Limit({ budget }: { readonly budget: Budget }) {
  const raised = nanoUsd(budget.raised_nano_usd);
  return (
    <>
      <Money amount={limitOf(budget)} />
      {raised > 0n && <span className={table.sub}>{text.billing.budgets.raised(moneyText(raised))}</span>}
    </>
  );
}
