import { Button, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconPlus, IconSearch, IconServer2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { CATEGORIES, type Category } from '@ecolink/contracts';
import { toProblem } from '../../api/problem.js';
import { nanoUsd } from '../../format/money.js';
import { text } from '../../text/index.js';
import { Empty } from '../../ui/empty.js';
import { Money } from '../../ui/money.js';
import { PageHeader } from '../../ui/page-header.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { RowsLoading } from '../../ui/rows-loading.js';
import { Strip } from '../../ui/strip.js';
import { useTitle } from '../../ui/use-title.js';
import page from '../../ui/page.module.css';
import { billingSummaryQuery } from '../billing/summary.js';
import { FirstSteps } from './first-steps.js';
import { InstancesTable } from './instances-table.js';
import { type Instance, instancesQuery } from './queries.js';
import { gpusOf, hourlyCostOf, LIVE_STATES } from './states.js';

const LaunchDialog = lazy(() => import('../launch/launch-dialog.js'));

export interface InstancesFilter {
  readonly q?: string | undefined;
  readonly state?: 'live' | 'stopped' | 'terminated' | undefined;
  readonly category?: Category | undefined;
  readonly launch?: string | undefined;
}

/** All instances: what runs, what it costs, and how to launch another. */
export function InstancesPage({ search }: { readonly search: InstancesFilter }) {
  const navigate = useNavigate({ from: '/instances/' });
  const { data, error } = useQuery(instancesQuery);
  useTitle(text.instances.title);
  const change = (next: Partial<InstancesFilter>): void =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  const launch = (
    <Button
      variant={data?.length === 0 ? 'default' : 'filled'}
      leftSection={<IconPlus size={16} stroke={1.8} aria-hidden="true" />}
      onClick={() => void navigate({ search: (before) => ({ ...before, launch: 'new' }) })}
    >
      {text.instances.launch}
    </Button>
  );
  return (
    <>
      <PageHeader title={text.instances.title} note={data?.length} actions={launch} />
      <div className={page.content}>
        <Figures instances={data ?? []} />
        {data?.length !== 0 && <Filters search={search} onChange={change} />}
        {error !== null && data === undefined && <ProblemNotice problem={toProblem(error)} />}
        {error === null && data === undefined && <RowsLoading rows={5} twoLines />}
        {data?.length === 0 && <FirstSteps />}
        {data !== undefined && data.length > 0 && (
          <Rows
            instances={filtered(data, search)}
            search={search}
            onClear={() => change({ q: undefined, state: undefined, category: undefined })}
          />
        )}
      </div>
      <Suspense>
        {search.launch !== undefined && <LaunchDialog modelId={search.launch} onClose={() => change({ launch: undefined })} />}
      </Suspense>
    </>
  );
}

function Figures({ instances }: { readonly instances: readonly Instance[] }) {
  const { data: billing } = useQuery(billingSummaryQuery);
  const running = instances.filter(({ state }) => state === 'running');
  const burn = running.reduce((sum, instance) => sum + hourlyCostOf(instance), 0n);
  const { strip } = text.instances;
  return (
    <Strip
      items={[
        { label: strip.running, value: running.length },
        { label: strip.starting, value: instances.filter(({ state }) => state === 'starting' || state === 'pending').length },
        { label: strip.gpus, value: instances.reduce((sum, instance) => sum + gpusOf(instance), 0) },
        { label: strip.burn, value: <Money amount={burn} />, unit: text.shell.perHour },
        { label: strip.held, value: <Money amount={nanoUsd(billing?.held_nano_usd)} /> },
      ]}
    />
  );
}

interface FiltersProps {
  readonly search: InstancesFilter;
  readonly onChange: (next: Partial<InstancesFilter>) => void;
}

function Filters({ search, onChange }: FiltersProps) {
  const { states, category, allCategories } = text.instances;
  return (
    <div className={page.filters}>
      <TextInput
        value={search.q ?? ''}
        onChange={(event) => onChange({ q: event.currentTarget.value === '' ? undefined : event.currentTarget.value })}
        placeholder={text.instances.filter}
        aria-label={text.instances.filter}
        leftSection={<IconSearch size={15} stroke={1.7} aria-hidden="true" />}
        className={page.find}
      />
      <SegmentedControl
        aria-label={text.instances.stateFilter}
        value={search.state ?? 'all'}
        onChange={(value) => onChange({ state: value === 'all' ? undefined : value })}
        data={(['all', 'live', 'stopped', 'terminated'] as const).map((value) => ({ value, label: states[value] }))}
      />
      <Select
        className={page.end}
        aria-label={text.instances.categories}
        value={search.category ?? 'all'}
        onChange={(value) => onChange({ category: CATEGORIES.find((known) => known === value) })}
        data={[{ value: 'all', label: allCategories }, ...CATEGORIES.map((value) => ({ value, label: category[value] }))]}
      />
    </div>
  );
}

interface RowsProps {
  readonly instances: readonly Instance[];
  readonly search: InstancesFilter;
  readonly onClear: () => void;
}

function Rows({ instances, search, onClear }: RowsProps) {
  if (instances.length > 0) return <InstancesTable instances={instances} />;
  const clear = (
    <Button variant="default" onClick={onClear}>
      {text.instances.clear}
    </Button>
  );
  return (
    <Empty icon={IconServer2} title={text.instances.noneMatches} action={clear}>
      {search.q === undefined ? text.instances.noneInState : text.instances.noneMatchesBody(search.q)}
    </Empty>
  );
}

function filtered(instances: readonly Instance[], { q, state, category }: InstancesFilter): Instance[] {
  const wanted = q?.trim().toLowerCase() ?? '';
  return instances.filter(
    (instance) =>
      (wanted === '' || instance.model.toLowerCase().includes(wanted) || instance.name.toLowerCase().includes(wanted)) &&
      (state === undefined || (state === 'live' ? LIVE_STATES.has(instance.state) : instance.state === state)) &&
      (category === undefined || instance.category === category),
  );
}
