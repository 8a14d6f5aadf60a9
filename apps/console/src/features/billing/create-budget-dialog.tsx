import { Button, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, idempotencyKey, take } from '../../api/client.js';
import { fieldErrors } from '../../api/field-errors.js';
import { type Problem, toProblem } from '../../api/problem.js';
import { parseDollars } from '../../format/money.js';
import { text } from '../../text/index.js';
import { Dialog } from '../../ui/dialog.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { useKeys } from '../requests/key-names.js';
import styles from './billing.module.css';
import { peopleQuery } from './scope-text.js';

const SCOPES = ['account', 'key', 'user'] as const;
const PERIODS = ['day', 'week', 'month', 'lifetime'] as const;
const FIELDS: Readonly<Record<string, string>> = {
  'scope.id': 'id',
  'scope.kind': 'kind',
  scope: 'id',
  period: 'period',
  limit_nano_usd: 'limit',
};
const EMPTY = {
  kind: 'account' as (typeof SCOPES)[number],
  id: null as string | null,
  period: 'month' as (typeof PERIODS)[number],
  limit: '',
};

export function CreateBudgetDialog({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient();
  const keys = useKeys();
  const people = useQuery(peopleQuery).data ?? [];
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const t = text.billing.budgets;
  const form = useForm({
    initialValues: EMPTY,
    validate: {
      limit: (value) => (parseDollars(value) === undefined ? t.notAmount : null),
      id: (value, { kind }) => (kind !== 'account' && value === null ? t.choose : null),
    },
  });
  const { kind } = form.values;
  const submit = async (values: typeof EMPTY): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    const scope = values.kind === 'account' || values.id === null ? { kind: values.kind } : { kind: values.kind, id: values.id };
    const body = { scope, period: values.period, limit_nano_usd: String(parseDollars(values.limit) ?? 0n) };
    try {
      await take(api.POST('/api/v1/budgets', { body, headers: { 'idempotency-key': idempotencyKey() } }));
      await queries.invalidateQueries({ queryKey: ['billing', 'budgets'] });
      onClose();
    } catch (thrown) {
      const refusal = toProblem(thrown);
      const errors = fieldErrors(refusal, FIELDS);
      if (errors === undefined) setProblem(refusal);
      else form.setErrors(errors);
      setBusy(false);
    }
  };
  const choices =
    kind === 'key'
      ? keys.filter(({ status }) => status === 'active').map(({ id, name }) => ({ value: id, label: name }))
      : people.map(({ user_id, email }) => ({ value: user_id, label: email }));
  return (
    <Dialog onClose={onClose} title={t.createTitle} size={440}>
      <form className={styles.form} onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
        <Select
          label={t.scope}
          data={SCOPES.map((value) => ({ value, label: t.scopes[value] }))}
          data-autofocus
          {...form.getInputProps('kind')}
          onChange={(value) => form.setValues({ kind: SCOPES.find((known) => known === value) ?? 'account', id: null })}
        />
        {kind !== 'account' && <Select label={t.id} searchable data={choices} {...form.getInputProps('id')} />}
        <Select
          label={t.period}
          data={PERIODS.map((value) => ({ value, label: t.periods[value] }))}
          {...form.getInputProps('period')}
        />
        <TextInput label={t.limit} inputMode="decimal" {...form.getInputProps('limit')} />
        {problem !== undefined && <ProblemNotice problem={problem} />}
        <div className={styles.actions}>
          <Button variant="default" onClick={onClose}>
            {text.ui.cancel}
          </Button>
          <Button type="submit" loading={busy}>
            {t.create}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
