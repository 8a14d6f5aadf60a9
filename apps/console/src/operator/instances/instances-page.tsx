import { useState } from 'react';
import { nanoUsd } from '../../format/money.js';
import { dateText } from '../../format/time.js';
import { operatorText } from '../../text/operator.js';
import { ModelId } from '../../ui/model-id.js';
import { Money } from '../../ui/money.js';
import { StateDot } from '../../ui/state-dot.js';
import table from '../../ui/table.module.css';
import { useFilters } from '../address.js';
import { AdminTable, type Column } from '../parts/admin-table.js';
import { FindForm } from '../parts/find-form.js';
import { OperatorPage } from '../parts/operator-page.js';
import { pricesText } from '../parts/prices.js';
import { RowMenu } from '../parts/row-menu.js';
import { dotOf, wordOf } from '../parts/states.js';
import { InstancePricesDialog, TerminateDialog } from './instance-dialogs.js';
import { type AdminInstance, useInstances } from './queries.js';

const t = operatorText.instances;

const COLUMNS: readonly Column<AdminInstance>[] = [
  {
    label: t.columns.model,
    cell: ({ model, account_id }) => (
      <>
        <ModelId id={model} />
        <span className={`${table.sub ?? ''} mono`}>{account_id ?? operatorText.none}</span>
      </>
    ),
  },
  { label: t.columns.state, cell: (row) => <StateDot kind={dotOf(row)} word={wordOf(row)} cause={row.status_reason ?? ''} /> },
  { label: t.columns.regions, cell: ({ regions }) => <span className="mono">{regions.join(' ')}</span> },
  {
    label: t.columns.hardware,
    cell: ({ gpu_type, gpu_count }) => (gpu_type === null ? t.external : `${gpu_count ?? 1} × ${gpu_type}`),
  },
  { label: t.columns.prices, cell: ({ prices }) => <span className={table.sub}>{pricesText(prices)}</span> },
  { label: t.columns.created, cell: ({ created_at }) => dateText(created_at) },
  {
    label: t.columns.rate,
    right: true,
    cell: ({ hourly_rate_nano_usd }) => <Money amount={nanoUsd(hourly_rate_nano_usd)} />,
  },
];

type Asked = { readonly what: 'prices' | 'terminate'; readonly instance: AdminInstance };

/** The instances of all accounts, or of one. */
export function InstancesPage() {
  const [{ account_id = '' }] = useFilters();
  const list = useInstances(account_id);
  const [asked, setAsked] = useState<Asked>();
  const close = (): void => setAsked(undefined);
  return (
    <OperatorPage title={operatorText.pages.instances}>
      <FindForm fields={[{ name: 'account_id', label: operatorText.accountId }]} />
      <AdminTable
        list={list}
        columns={COLUMNS}
        keyOf={({ id }) => id}
        empty={t.empty}
        actions={(instance) => (
          <RowMenu
            name={instance.model}
            items={[
              { label: t.setPrices, onClick: () => setAsked({ what: 'prices', instance }) },
              ...(instance.desired_state === 'terminated'
                ? []
                : [{ label: t.terminate, onClick: () => setAsked({ what: 'terminate', instance }) }]),
            ]}
          />
        )}
      />
      {asked?.what === 'prices' && <InstancePricesDialog instance={asked.instance} onClose={close} />}
      {asked?.what === 'terminate' && <TerminateDialog instance={asked.instance} onClose={close} />}
    </OperatorPage>
  );
}
