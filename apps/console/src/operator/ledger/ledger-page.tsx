import { Select } from '@mantine/core';
import { TRANSACTION_TYPES } from '@ecolink/contracts';
import { take } from '../../api/client.js';
import { nanoUsd } from '../../format/money.js';
import { dateTimeText } from '../../format/time.js';
import { operatorText } from '../../text/operator.js';
import { Money } from '../../ui/money.js';
import table from '../../ui/table.module.css';
import { useFilters } from '../address.js';
import { adminApi, type Schemas } from '../api.js';
import { AdminTable, type Column } from '../parts/admin-table.js';
import { FindForm } from '../parts/find-form.js';
import { OperatorPage } from '../parts/operator-page.js';
import { useAdminList } from '../parts/use-admin-list.js';
import { CsvButton } from './csv-button.js';
import { type LedgerFilter, ledgerQueryOf } from './ledger-filter.js';
import { TrialBalance } from './trial-balance.js';

type Transaction = Schemas['TransactionList']['data'][number];
const t = operatorText.ledger;

const COLUMNS: readonly Column<Transaction>[] = [
  { label: t.columns.at, cell: ({ created_at }) => dateTimeText(created_at) },
  { label: t.columns.account, cell: ({ account_id }) => <span className="mono">{account_id}</span> },
  { label: t.columns.type, cell: ({ type }) => t.types[type] },
  { label: t.columns.description, cell: ({ description }) => <span className={table.sub}>{description}</span> },
  {
    label: t.columns.amount,
    right: true,
    cell: ({ amount_nano_usd }) => <Money amount={nanoUsd(amount_nano_usd)} asChange />,
  },
  {
    label: t.columns.balance,
    right: true,
    cell: ({ balance_after_nano_usd }) => <Money amount={nanoUsd(balance_after_nano_usd)} />,
  },
];

/** The call also has a CSV form, so its type leaves open what comes. */
async function transactionsOf(at: { readonly limit: number; readonly after?: string }, filter: LedgerFilter) {
  const params = { query: { ...at, ...filter, format: 'json' as const } };
  return (await take(adminApi.GET('/admin/v1/ledger/transactions', { params }))) as Schemas['TransactionList'];
}

/** The books: whether they balance, and the transactions of all accounts. */
export function LedgerPage() {
  const [filters, changeFilters] = useFilters();
  const query = ledgerQueryOf(filters);
  const list = useAdminList(['ledger', 'transactions', query], (at) => transactionsOf(at, query));
  return (
    <OperatorPage title={operatorText.pages.ledger} actions={<CsvButton query={query} />}>
      <TrialBalance withAccounts />
      <FindForm
        fields={[
          { name: 'account_id', label: operatorText.accountId },
          { name: 'from', label: t.from, type: 'date' },
          { name: 'to', label: t.to, type: 'date' },
        ]}
      >
        <Select
          aria-label={t.columns.type}
          placeholder={t.allTypes}
          clearable
          value={query.type ?? null}
          onChange={(type) => changeFilters({ type: type ?? '' })}
          data={TRANSACTION_TYPES.map((value) => ({ value, label: t.types[value] }))}
        />
        <span className={table.quiet}>{t.zone}</span>
      </FindForm>
      <AdminTable list={list} columns={COLUMNS} keyOf={({ id }) => id} empty={t.empty} />
    </OperatorPage>
  );
}
