import { Button, Checkbox, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, idempotencyKey, take } from '../../api/client.js';
import { type Problem, toProblem } from '../../api/problem.js';
import { dateTimeText } from '../../format/time.js';
import { text } from '../../text/index.js';
import { Dialog } from '../../ui/dialog.js';
import styles from '../../ui/form.module.css';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { useZone } from '../session/queries.js';
import { bodyOf, EXPIRIES, type Expiry, keyErrors, type KeyValues, NEW_KEY, validateKey, valuesOf } from './key-form.js';
import { LimitFields } from './limit-fields.js';
import type { ApiKey, CreatedKey } from './queries.js';

interface KeyDialogProps {
  /** The key to change; a new one is made without. */
  readonly apiKey?: ApiKey | undefined;
  readonly onClose: () => void;
  readonly onCreated: (created: CreatedKey) => void;
}

const SCOPES = ['inference', 'management'] as const;

export default function KeyDialog({ apiKey, onClose, onCreated }: KeyDialogProps) {
  const queries = useQueryClient();
  const zone = useZone();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const form = useForm<KeyValues>({
    initialValues: apiKey === undefined ? NEW_KEY : valuesOf(apiKey),
    validate: validateKey,
  });
  const t = text.keys;
  const expiries = EXPIRIES.map((value): { value: Expiry; label: string } => ({ value, label: t.expiries[value] }));
  const expiresAt = apiKey?.expires_at ?? null;
  if (expiresAt !== null) expiries.unshift({ value: 'keep', label: t.expiryKept(dateTimeText(expiresAt, zone)) });

  const submit = async (values: KeyValues): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const body = bodyOf(values);
      if (apiKey === undefined) {
        onCreated(await take(api.POST('/api/v1/api-keys', { body, headers: { 'idempotency-key': idempotencyKey() } })));
      } else {
        await take(api.PATCH('/api/v1/api-keys/{id}', { params: { path: { id: apiKey.id } }, body }));
      }
      void queries.invalidateQueries({ queryKey: ['keys'] });
      onClose();
    } catch (thrown) {
      const refusal = toProblem(thrown);
      const errors = keyErrors(refusal);
      if (errors === undefined) setProblem(refusal);
      else form.setErrors(errors);
      setBusy(false);
    }
  };

  return (
    <Dialog onClose={onClose} title={apiKey === undefined ? t.createTitle : t.editTitle(apiKey.name)} size={560}>
      <form className={styles.form} onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
        {problem !== undefined && <ProblemNotice problem={problem} />}
        <div className={styles.pair}>
          <TextInput label={t.name} data-autofocus autoComplete="off" {...form.getInputProps('name')} />
          <TextInput label={t.tag} description={t.tagNote} autoComplete="off" {...form.getInputProps('tag')} />
        </div>
        <Checkbox.Group label={t.scopes} {...form.getInputProps('scopes')}>
          <div className={styles.choices}>
            {SCOPES.map((scope) => (
              <Checkbox key={scope} value={scope} label={t.scope[scope]} description={t.scopeNote[scope]} />
            ))}
          </div>
        </Checkbox.Group>
        <div className={styles.pair}>
          <Select label={t.expiry} data={expiries} allowDeselect={false} {...form.getInputProps('expiry')} />
          {form.values.expiry === 'date' && (
            <TextInput type="date" label={t.date} description={t.dateNote} {...form.getInputProps('date')} />
          )}
        </div>
        <LimitFields form={form} />
        <div className={styles.actions}>
          <Button variant="default" onClick={onClose}>
            {text.ui.cancel}
          </Button>
          <Button type="submit" loading={busy}>
            {apiKey === undefined ? t.create : text.ui.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
