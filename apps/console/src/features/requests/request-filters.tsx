import { KEY_ENDPOINTS } from '@ecolink/contracts';
import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { text } from '../../text/index.js';
import { type Filter, FilterChips } from '../../ui/filter-chips.js';
import page from '../../ui/page.module.css';
import { regionsQuery } from '../launch/queries.js';
import { useKeys } from './key-names.js';
import { OUTCOMES, RANGES, type RequestFilter, type RequestRange } from './queries.js';
import styles from './requests.module.css';

const STATUSES = ['200', '400', '401', '402', '403', '404', '413', '429', '499', '500', '502', '503', '504'] as const;

interface RequestFiltersProps {
  readonly filter: RequestFilter;
  readonly range: RequestRange;
  readonly onChange: (next: RequestFilter & { readonly range?: RequestRange }) => void;
  readonly onOpen: (id: string) => void;
}

export function RequestFilters({ filter, range, onChange, onOpen }: RequestFiltersProps) {
  const t = text.requests;
  return (
    <div className={page.filters}>
      <FindById onOpen={onOpen} />
      <FilterChips
        filters={useChips(filter)}
        onChange={(name, value) => onChange({ [name]: name === 'status' && value !== undefined ? Number(value) : value })}
      />
      <SegmentedControl
        className={styles.range}
        aria-label={t.range}
        value={range}
        onChange={(value) => onChange({ range: value })}
        data={RANGES.map((value) => ({ value, label: t.ranges[value] }))}
      />
    </div>
  );
}

function useChips(filter: RequestFilter): readonly Filter[] {
  const keys = useKeys();
  const regions = useQuery(regionsQuery).data ?? [];
  const { filters: labels, outcomes } = text.requests;
  const same = (value: string) => ({ value, label: value });
  const status = filter.status === undefined ? undefined : String(filter.status);
  return [
    { name: 'status', label: labels.status, value: status, choices: STATUSES.map(same) },
    {
      name: 'outcome',
      label: labels.outcome,
      value: filter.outcome,
      choices: OUTCOMES.map((value) => ({ value, label: outcomes[value] })),
    },
    { name: 'key', label: labels.key, value: filter.key, choices: keys.map(({ id, name }) => ({ value: id, label: name })) },
    { name: 'region', label: labels.region, value: filter.region, choices: regions.map(({ region }) => same(region)) },
    { name: 'model', label: labels.model, value: filter.model },
    { name: 'code', label: labels.code, value: filter.code },
    { name: 'endpoint', label: labels.endpoint, value: filter.endpoint, choices: KEY_ENDPOINTS.map(same) },
    { name: 'tag', label: labels.tag, value: filter.tag },
  ];
}

/** Opens a request by the id that a client read in its answer's headers. */
function FindById({ onOpen }: { readonly onOpen: (id: string) => void }) {
  const [typed, setTyped] = useState('');
  const id = typed.trim();
  return (
    <form
      className={styles.find}
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        if (id !== '') onOpen(id);
      }}
    >
      <TextInput
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        placeholder={text.requests.find}
        aria-label={text.requests.find}
        leftSection={<IconSearch size={15} stroke={1.7} aria-hidden="true" />}
      />
      <Button type="submit" variant="default">
        {text.requests.open}
      </Button>
    </form>
  );
}
