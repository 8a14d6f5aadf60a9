import { Button, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { operatorText as t } from '../../text/operator.js';
import page from '../../ui/page.module.css';
import { useFilters } from '../address.js';

interface FindFieldProps {
  /** As the address and the API name it. */
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'date';
}

interface FindFormProps {
  readonly fields: readonly FindFieldProps[];
  /** Filters that take effect at once. */
  readonly children?: ReactNode;
}

/** Filters of a list that are typed; they stand in the address once they are sent. */
export function FindForm({ fields, children }: FindFormProps) {
  const [filters] = useFilters();
  const kept = Object.fromEntries(fields.map(({ name }) => [name, filters[name] ?? '']));
  return (
    <Fields key={JSON.stringify(kept)} kept={kept} fields={fields}>
      {children}
    </Fields>
  );
}

function Fields({ kept, fields, children }: FindFormProps & { readonly kept: Readonly<Record<string, string>> }) {
  const [, changeFilters] = useFilters();
  const [typed, setTyped] = useState(kept);
  return (
    <form
      className={page.filters}
      onSubmit={(event) => {
        event.preventDefault();
        changeFilters(Object.fromEntries(Object.entries(typed).map(([name, value]) => [name, value.trim()])));
      }}
    >
      {fields.map(({ name, label, type = 'text' }) => (
        <TextInput
          key={name}
          type={type}
          className={type === 'text' ? page.find : undefined}
          aria-label={label}
          placeholder={label}
          value={typed[name] ?? ''}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setTyped((now) => ({ ...now, [name]: value }));
          }}
        />
      ))}
      {children}
      <Button type="submit" variant="default">
        {t.find}
      </Button>
    </form>
  );
}
