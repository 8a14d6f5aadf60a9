import { Button, PasswordInput, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { CATEGORIES, createModel } from '@ecolink/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, idempotencyKey, take } from '../../api/client.js';
import { fieldErrors } from '../../api/field-errors.js';
import { type Problem, toProblem } from '../../api/problem.js';
import { text } from '../../text/index.js';
import { Dialog } from '../../ui/dialog.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import styles from './registry.module.css';

const KINDS = ['huggingface', 'external', 'platform', 'filesystem'] as const;
type Kind = (typeof KINDS)[number];

const FIELDS: Readonly<Record<string, string>> = {
  name: 'name',
  category: 'category',
  served_model_name: 'served',
  'source.repo': 'repo',
  'source.revision': 'revision',
  'source.token': 'token',
  'source.filesystem': 'filesystem',
  'source.path': 'path',
  'source.region': 'region',
  'source.platform_model_id': 'platformModel',
  source: 'kind',
};

const EMPTY = {
  name: '',
  category: 'chat' as (typeof CATEGORIES)[number],
  kind: 'huggingface' as Kind,
  served: '',
  repo: '',
  revision: 'main',
  token: '',
  filesystem: '',
  path: '',
  region: '',
  platformModel: '',
};
type Values = typeof EMPTY;

/** The body as the API takes it; what was left empty is left out. */
function bodyOf(values: Values) {
  const sources = {
    huggingface: {
      kind: 'huggingface',
      repo: values.repo.trim(),
      revision: values.revision.trim() || 'main',
      ...(values.token === '' ? {} : { token: values.token }),
    },
    filesystem: {
      kind: 'filesystem',
      filesystem: values.filesystem.trim(),
      path: values.path.trim(),
      region: values.region.trim(),
    },
    platform: { kind: 'platform', platform_model_id: values.platformModel.trim() },
    external: { kind: 'external' },
  } as const;
  const served = values.served.trim();
  return {
    name: values.name.trim(),
    category: values.category,
    source: sources[values.kind],
    ...(served === '' ? {} : { served_model_name: served }),
  };
}

/** The same schema as the server's says what is wrong, beside the field. */
function validate(values: Values): Record<string, string> {
  const parsed = createModel.safeParse(bodyOf(values));
  if (parsed.success) return {};
  const errors: Record<string, string> = {};
  for (const issue of parsed.error.issues) {
    Object.assign(errors, fieldErrors({ param: issue.path.join('.'), message: issue.message }, FIELDS));
  }
  return errors;
}

export default function RegisterDialog({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const form = useForm({ initialValues: EMPTY, validate });
  const t = text.registry;
  const submit = async (values: Values): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await take(api.POST('/api/v1/models', { body: bodyOf(values), headers: { 'idempotency-key': idempotencyKey() } }));
      onClose();
      void queries.invalidateQueries({ queryKey: ['models'] });
    } catch (thrown) {
      const refusal = toProblem(thrown);
      const errors = refusal.code === 'name_taken' ? { name: refusal.message } : fieldErrors(refusal, FIELDS);
      if (errors === undefined) setProblem(refusal);
      else form.setErrors(errors);
      setBusy(false);
    }
  };
  const { kind } = form.values;
  return (
    <Dialog onClose={onClose} title={t.registerTitle} size={520}>
      <form className={styles.form} onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
        {problem !== undefined && <ProblemNotice problem={problem} />}
        <TextInput label={t.name} description={t.nameNote} data-autofocus autoComplete="off" {...form.getInputProps('name')} />
        <div className={styles.pair}>
          <Select
            label={t.category}
            data={CATEGORIES.map((value) => ({ value, label: text.instances.category[value] }))}
            {...form.getInputProps('category')}
          />
          <Select
            label={t.source}
            data={KINDS.map((value) => ({ value, label: t.sources[value] }))}
            {...form.getInputProps('kind')}
          />
        </div>
        {kind === 'huggingface' && (
          <>
            <TextInput label={t.repo} placeholder={t.repoPlaceholder} {...form.getInputProps('repo')} />
            <div className={styles.pair}>
              <TextInput label={t.revision} {...form.getInputProps('revision')} />
              <PasswordInput label={t.token} autoComplete="off" {...form.getInputProps('token')} />
            </div>
          </>
        )}
        {kind === 'filesystem' && (
          <>
            <TextInput label={t.filesystem} {...form.getInputProps('filesystem')} />
            <div className={styles.pair}>
              <TextInput label={t.path} {...form.getInputProps('path')} />
              <TextInput label={t.region} {...form.getInputProps('region')} />
            </div>
          </>
        )}
        {kind === 'platform' && <TextInput label={t.platformModel} {...form.getInputProps('platformModel')} />}
        <TextInput label={t.served} description={t.servedNote} {...form.getInputProps('served')} />
        <div className={styles.actions}>
          <Button variant="default" onClick={onClose}>
            {text.ui.cancel}
          </Button>
          <Button type="submit" loading={busy}>
            {t.register}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
