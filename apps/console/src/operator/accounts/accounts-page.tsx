import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { take } from '../../api/client.js';
import { nanoUsd } from '../../format/money.js';
import { dateText } from '../../format/time.js';
import { operatorText } from '../../text/operator.js';
import { Money } from '../../ui/money.js';
import { StateDot } from '../../ui/state-dot.js';
import table from '../../ui/table.module.css';
import { goTo } from '../address.js';
import { adminApi } from '../api.js';
import { AdminTable, type Column } from '../parts/admin-table.js';
import { DeleteDialog } from '../parts/delete-dialog.js';
import { OperatorPage } from '../parts/operator-page.js';
import { RowMenu } from '../parts/row-menu.js';
import { ChangeAccountDialog } from './change-account-dialog.js';
import { CreateAccountDialog } from './create-account-dialog.js';
import { CreateKeyDialog } from './create-key-dialog.js';
import { CreditDialog } from './credit-dialog.js';
import { type Account, useAccounts } from './queries.js';

const t = operatorText.accounts;

const COLUMNS: readonly Column<Account>[] = [
  {
    label: t.columns.name,
    cell: ({ name, id }) => (
      <>
        {name}
        <span className={`${table.sub ?? ''} mono`}>{id}</span>
      </>
    ),
  },
  {
    label: t.columns.status,
    cell: ({ status }) => <StateDot kind={status === 'active' ? 'running' : 'failed'} word={t.statuses[status]} />,
  },
  { label: t.columns.plan, cell: ({ plan }) => plan },
  { label: t.columns.owners, cell: ({ owners }) => <span className={table.sub}>{owners.join(', ') || operatorText.none}</span> },
  { label: t.columns.created, cell: ({ created_at }) => dateText(created_at) },
  { label: t.columns.balance, right: true, cell: ({ balance_nano_usd }) => <Money amount={nanoUsd(balance_nano_usd)} short /> },
];

type Asked = { readonly what: 'change' | 'credit' | 'key' | 'delete'; readonly account: Account } | { readonly what: 'create' };

export function AccountsPage() {
  const list = useAccounts();
  const [asked, setAsked] = useState<Asked>();
  const close = (): void => setAsked(undefined);
  const create = (
    <Button leftSection={<IconPlus size={16} stroke={1.8} aria-hidden="true" />} onClick={() => setAsked({ what: 'create' })}>
      {t.create}
    </Button>
  );
  return (
    <OperatorPage title={operatorText.pages.accounts} actions={create}>
      <AdminTable
        list={list}
        columns={COLUMNS}
        keyOf={({ id }) => id}
        empty={t.empty}
        actions={(account) => (
          <RowMenu
            name={account.name}
            items={[
              { label: t.change, onClick: () => setAsked({ what: 'change', account }) },
              { label: t.credit, onClick: () => setAsked({ what: 'credit', account }) },
              { label: t.createKey, onClick: () => setAsked({ what: 'key', account }) },
              { label: t.toInstances, onClick: () => goTo('instances', { account_id: account.id }) },
              { label: t.toLedger, onClick: () => goTo('ledger', { account_id: account.id }) },
              ...(account.status === 'deleted'
                ? []
                : [{ label: t.delete, onClick: () => setAsked({ what: 'delete', account }) }]),
            ]}
          />
        )}
      />
      {asked?.what === 'create' && <CreateAccountDialog onClose={close} />}
      {asked?.what === 'change' && <ChangeAccountDialog account={asked.account} onClose={close} />}
      {asked?.what === 'credit' && <CreditDialog account={asked.account} onClose={close} />}
      {asked?.what === 'key' && <CreateKeyDialog account={asked.account} onClose={close} />}
      {asked?.what === 'delete' && <DeleteAccountDialog account={asked.account} onClose={close} />}
    </OperatorPage>
  );
}

function DeleteAccountDialog({ account: { id, name }, onClose }: { readonly account: Account; readonly onClose: () => void }) {
  return (
    <DeleteDialog
      title={t.deleteTitle(name)}
      body={t.deleteBody}
      action={t.delete}
      name={name}
      onConfirm={async () => {
        await take(adminApi.DELETE('/admin/v1/accounts/{id}', { params: { path: { id } } }));
      }}
      onClose={onClose}
      path={`/admin/v1/accounts/${id}`}
      changes={['accounts', 'users', 'instances']}
    />
  );
}
