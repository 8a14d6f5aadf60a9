import { Checkbox, MultiSelect, TagsInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { KEY_ALLOW_MAX, KEY_ENDPOINTS } from '@ecolink/contracts';
import { useQuery } from '@tanstack/react-query';
import { text } from '../../text/index.js';
import styles from '../../ui/form.module.css';
import { instancesQuery } from '../instances/queries.js';
import { regionsQuery } from '../launch/queries.js';
import { type KeyValues, type Limit, LIMITS } from './key-form.js';

/** What the key may be used for: a list for each kind of limit, which counts once its box is ticked. */
export function LimitFields({ form }: { readonly form: UseFormReturnType<KeyValues> }) {
  const t = text.keys;
  const suggestions = useSuggestions();
  return (
    <fieldset className={styles.limits}>
      <legend>{t.limits}</legend>
      <p className={styles.note}>{t.limitsNote}</p>
      {LIMITS.map((limit) => (
        <LimitField key={limit} limit={limit} form={form} suggestions={suggestions[limit]} />
      ))}
    </fieldset>
  );
}

interface LimitFieldProps {
  readonly limit: Limit;
  readonly form: UseFormReturnType<KeyValues>;
  readonly suggestions: readonly string[];
}

function LimitField({ limit, form, suggestions }: LimitFieldProps) {
  const t = text.keys;
  const list = form.values[limit];
  const set = (value: string[] | null): void => {
    form.setFieldValue(limit, value);
    form.clearFieldError(limit);
  };
  const shared = {
    'aria-label': t.limit[limit],
    description: list?.length === 0 ? t.nothingAllowed : undefined,
    data: [...suggestions],
    value: [...(list ?? [])],
    onChange: set,
    maxValues: KEY_ALLOW_MAX,
    error: form.errors[limit],
  };
  return (
    <>
      <Checkbox
        label={t.limit[limit]}
        checked={list !== null}
        onChange={(event) => set(event.currentTarget.checked ? [] : null)}
      />
      {list !== null &&
        (limit === 'endpoints' ? (
          <MultiSelect {...shared} searchable />
        ) : (
          <TagsInput {...shared} placeholder={list.length === 0 ? t.limitPlaceholder[limit] : ''} acceptValueOnBlur />
        ))}
    </>
  );
}

function useSuggestions(): Readonly<Record<Limit, readonly string[]>> {
  const { data: instances = [] } = useQuery(instancesQuery);
  const { data: regions = [] } = useQuery(regionsQuery);
  const live = instances.filter(({ state }) => state !== 'terminated');
  return {
    instances: live.map(({ id }) => String(id)),
    models: [...new Set(live.flatMap(({ name, model }) => [name, model]))],
    endpoints: KEY_ENDPOINTS,
    regions: regions.map(({ region }) => region),
    networks: [],
  };
}
