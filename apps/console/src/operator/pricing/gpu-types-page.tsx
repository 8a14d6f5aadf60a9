import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { nanoUsd } from '../../format/money.js';
import { operatorText } from '../../text/operator.js';
import { Money } from '../../ui/money.js';
import type { GpuType } from '../api.js';
import { AdminTable, type Column } from '../parts/admin-table.js';
import { listOfQuery } from '../parts/list-of-query.js';
import { OperatorPage } from '../parts/operator-page.js';
import { GpuTypeDialog } from './gpu-type-dialog.js';
import { gpuTypesQuery } from './gpu-types.js';

const t = operatorText.gpuTypes;

const COLUMNS: readonly Column<GpuType>[] = [
  { label: t.columns.name, cell: ({ name }) => <span className="mono">{name}</span> },
  { label: t.columns.memory, cell: ({ memory_gb: memory }) => (memory === null ? t.memoryUnknown : t.gigabytes(memory)) },
  {
    label: t.columns.capacity,
    cell: ({ capacity }) =>
      capacity.map(({ region, gpus, gpus_free: free }) => t.inRegion(region, free, gpus)).join(' · ') || operatorText.none,
  },
  {
    label: t.columns.rate,
    right: true,
    cell: ({ hourly_rate_nano_usd }) => <Money amount={nanoUsd(hourly_rate_nano_usd)} />,
  },
];

/** Rates, memory and capacity of GPUs. */
export function GpuTypesPage() {
  const query = useQuery(gpuTypesQuery);
  const [asked, setAsked] = useState<{ readonly gpuType?: GpuType }>();
  const add = (
    <Button leftSection={<IconPlus size={16} stroke={1.8} aria-hidden="true" />} onClick={() => setAsked({})}>
      {t.create}
    </Button>
  );
  return (
    <OperatorPage title={operatorText.pages.gpuTypes} actions={add}>
      <AdminTable
        list={listOfQuery(query)}
        columns={COLUMNS}
        keyOf={({ name }) => name}
        empty={t.empty}
        actions={(gpuType) => (
          <Button variant="default" size="xs" onClick={() => setAsked({ gpuType })}>
            {operatorText.edit}
            <span className="visually-hidden"> {gpuType.name}</span>
          </Button>
        )}
      />
      {asked !== undefined && <GpuTypeDialog {...asked} onClose={() => setAsked(undefined)} />}
    </OperatorPage>
  );
}
