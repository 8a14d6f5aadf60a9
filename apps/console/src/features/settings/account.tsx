import { Button, Checkbox, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, take } from '../../api/client.js';
import { toProblem } from '../../api/problem.js';
import { text } from '../../text/index.js';
import styles from '../../ui/form.module.css';
import { Notice } from '../../ui/notice.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { RowsLoading } from '../../ui/rows-loading.js';
import { Section, SectionBody } from '../../ui/section.js';
import { accountQuery, meQuery } from '../session/queries.js';
import { useOwnersOnly } from '../users/queries.js';
import { Saved } from './saved.js';
import { useSave } from './use-save.js';

interface AccountValues {
  readonly name: string;
  readonly time_zone: string;
  readonly require_mfa: boolean;
}

const FIELDS = { name: 'name', time_zone: 'time_zone', require_mfa: 'require_mfa' };

/** Name, time zone and the rule about second factors; members see them with the reason why they cannot change them. */
export function Account() {
  const { data: account, error } = useQuery(accountQuery);
  if (account === undefined) return error === null ? <RowsLoading rows={3} /> : <ProblemNotice problem={toProblem(error)} />;
  return <AccountForm account={account} />;
}

function AccountForm({ account }: { readonly account: AccountValues }) {
  const queries = useQueryClient();
  const t = text.settings.account;
  const reason = useOwnersOnly(t.ownersOnly);
  const { name, time_zone, require_mfa } = account;
  const form = useForm<AccountValues>({ initialValues: { name, time_zone, require_mfa } });
  const { problem, busy, saved, run } = useSave(FIELDS, form.setErrors);
  const zones = useMemo(() => [...new Set(['UTC', time_zone, ...Intl.supportedValuesOf('timeZone')])], [time_zone]);
  const submit = async (values: AccountValues): Promise<void> =>
    run(async () => {
      const changed = await take(api.PATCH('/api/v1/account', { body: { ...values, name: values.name.trim() } }));
      queries.setQueryData(accountQuery.queryKey, changed);
      await queries.invalidateQueries({ queryKey: meQuery.queryKey });
    });
  const readOnly = reason !== undefined;
  return (
    <Section title={t.title}>
      <SectionBody>
        {readOnly && <Notice kind="info" title={reason} />}
        <form className={styles.form} onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
          {problem !== undefined && <ProblemNotice problem={problem} />}
          <TextInput label={t.name} autoComplete="organization" readOnly={readOnly} {...form.getInputProps('name')} />
          <Select
            label={t.zone}
            description={t.zoneNote}
            data={zones}
            searchable
            allowDeselect={false}
            readOnly={readOnly}
            {...form.getInputProps('time_zone')}
          />
          <Checkbox
            label={t.mfa}
            description={t.mfaNote}
            disabled={readOnly}
            {...form.getInputProps('require_mfa', { type: 'checkbox' })}
          />
          {!readOnly && (
            <div className={styles.actions}>
              <Saved shown={saved}>{text.settings.saved}</Saved>
              <Button type="submit" loading={busy}>
                {text.ui.save}
              </Button>
            </div>
          )}
        </form>
      </SectionBody>
    </Section>
  );
}
