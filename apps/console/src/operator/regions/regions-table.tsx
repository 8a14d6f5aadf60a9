import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { dateTimeText } from '../../format/time.js';
import { operatorText } from '../../text/operator.js';
import { type DotKind, StateDot } from '../../ui/state-dot.js';
import table from '../../ui/table.module.css';
import { type AdminList, AdminTable, type Column } from '../parts/admin-table.js';
import type { Region } from './queries.js';
import { RegionStateDialog } from './region-state-dialog.js';

const t = operatorText.regions;

function dotOf({ state, healthy }: Region): DotKind {
  if (state !== 'active') return 'stopped';
  return healthy ? 'running' : 'failed';
}

const COLUMNS: readonly Column<Region>[] = [
  {
    label: t.columns.region,
    cell: ({ region, name }) => (
      <>
        <span className="mono">{region}</span> {name}
      </>
    ),
  },
  {
    label: t.columns.state,
    cell: (region) => (
      <StateDot kind={dotOf(region)} word={region.state === 'active' && !region.healthy ? t.unhealthy : t.states[region.state]} />
    ),
  },
  { label: t.columns.driver, cell: ({ driver }) => driver },
  { label: t.columns.gateway, cell: ({ gateway_url }) => <span className={`${table.sub ?? ''} mono`}>{gateway_url}</span> },
  {
    label: t.columns.contacted,
    cell: ({ gateway_contacted_at }) => (gateway_contacted_at === null ? t.never : dateTimeText(gateway_contacted_at)),
  },
];

type RegionState = Region['state'];
const NEXT: Readonly<Record<RegionState, readonly RegionState[]>> = {
  active: ['draining'],
  draining: ['active', 'disabled'],
  disabled: ['active'],
};

/** Regions with their state and health, and the way to another state. */
export function RegionsTable({ list }: { readonly list: AdminList<Region> }) {
  const [asked, setAsked] = useState<{ readonly region: Region; readonly state: RegionState }>();
  return (
    <>
      <AdminTable
        list={list}
        columns={COLUMNS}
        keyOf={({ region }) => region}
        empty={t.empty}
        actions={(region) => (
          <Group gap={8} justify="flex-end" wrap="nowrap">
            {NEXT[region.state].map((state) => (
              <Button key={state} variant="default" size="xs" onClick={() => setAsked({ region, state })}>
                {t.verbs[state]}
                <span className="visually-hidden"> {region.region}</span>
              </Button>
            ))}
          </Group>
        )}
      />
      {asked !== undefined && <RegionStateDialog {...asked} onClose={() => setAsked(undefined)} />}
    </>
  );
}
