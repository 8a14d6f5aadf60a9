import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { take } from '../../api/client.js';
import { operatorText } from '../../text/operator.js';
import { text } from '../../text/index.js';
import { ModelId } from '../../ui/model-id.js';
import { StateDot } from '../../ui/state-dot.js';
import table from '../../ui/table.module.css';
import { adminApi } from '../api.js';
import { AdminTable, type Column } from '../parts/admin-table.js';
import { DeleteDialog } from '../parts/delete-dialog.js';
import { OperatorPage } from '../parts/operator-page.js';
import { pricesText } from '../parts/prices.js';
import { RowMenu } from '../parts/row-menu.js';
import { dotOf, wordOf } from '../parts/states.js';
import { useAdminList } from '../parts/use-admin-list.js';
import { type PlatformModel, PlatformModelDialog } from './platform-model-dialog.js';
import { PlatformPricesDialog } from './platform-prices-dialog.js';

const t = operatorText.platformModels;

const COLUMNS: readonly Column<PlatformModel>[] = [
  {
    label: t.columns.model,
    cell: ({ id, display_name }) => (
      <>
        <ModelId id={id} />
        <span className={table.sub}>{display_name}</span>
      </>
    ),
  },
  { label: t.columns.category, cell: ({ category }) => text.instances.category[category] },
  { label: t.columns.status, cell: ({ status }) => t.statuses[status] },
  { label: t.columns.state, cell: (row) => <StateDot kind={dotOf(row)} word={wordOf(row)} cause={row.status_reason ?? ''} /> },
  {
    label: t.columns.pods,
    cell: ({ pods }) => t.pods(pods.filter(({ healthy }) => healthy).length, pods.length),
  },
  { label: t.columns.prices, cell: ({ prices }) => <span className={table.sub}>{pricesText(prices)}</span> },
];

type Asked = { readonly what: 'change' | 'prices' | 'delete'; readonly model: PlatformModel } | { readonly what: 'create' };

export function PlatformModelsPage() {
  const list = useAdminList(['platform-models'], (page) =>
    take(adminApi.GET('/admin/v1/platform-models', { params: { query: page } })),
  );
  const [asked, setAsked] = useState<Asked>();
  const close = (): void => setAsked(undefined);
  const add = (
    <Button leftSection={<IconPlus size={16} stroke={1.8} aria-hidden="true" />} onClick={() => setAsked({ what: 'create' })}>
      {t.create}
    </Button>
  );
  return (
    <OperatorPage title={operatorText.pages.platformModels} actions={add}>
      <AdminTable
        list={list}
        columns={COLUMNS}
        keyOf={({ id }) => id}
        empty={t.empty}
        actions={(model) => (
          <RowMenu
            name={model.id}
            items={[
              { label: t.change, onClick: () => setAsked({ what: 'change', model }) },
              { label: t.setPrices, onClick: () => setAsked({ what: 'prices', model }) },
              { label: t.delete, onClick: () => setAsked({ what: 'delete', model }) },
            ]}
          />
        )}
      />
      {asked?.what === 'create' && <PlatformModelDialog onClose={close} />}
      {asked?.what === 'change' && <PlatformModelDialog model={asked.model} onClose={close} />}
      {asked?.what === 'prices' && <PlatformPricesDialog model={asked.model} onClose={close} />}
      {asked?.what === 'delete' && <DeleteModelDialog model={asked.model} onClose={close} />}
    </OperatorPage>
  );
}

function DeleteModelDialog({ model: { id }, onClose }: { readonly model: PlatformModel; readonly onClose: () => void }) {
  return (
    <DeleteDialog
      title={t.deleteTitle(id)}
      body={t.deleteBody}
      action={t.delete}
      name={id}
      onConfirm={async () => {
        await take(adminApi.DELETE('/admin/v1/platform-models/{id}', { params: { path: { id } } }));
      }}
      onClose={onClose}
      path={`/admin/v1/platform-models/${encodeURIComponent(id)}`}
      changes={['platform-models']}
    />
  );
}
