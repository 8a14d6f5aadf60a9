import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.js';
import { text } from '../../text/index.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import styles from '../../ui/form.module.css';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { Section, SectionBody } from '../../ui/section.js';
import { meQuery, useMe } from '../session/queries.js';
import { atCurrentPassword } from './current-password.js';
import { DeleteMe } from './delete-me.js';
import { Saved } from './saved.js';
import { Totp } from './totp.js';
import { useSave } from './use-save.js';

/** What people change about themselves. */
export function Profile() {
  return (
    <>
      <NameForm />
      <PasswordForm />
      <Totp />
      <Sessions />
      <DeleteMe />
    </>
  );
}

function NameForm() {
  const queries = useQueryClient();
  const { user } = useMe();
  const form = useForm({ initialValues: { name: user?.name ?? '' } });
  const { problem, busy, saved, run } = useSave({ name: 'name' }, form.setErrors);
  const t = text.settings.profile;
  const submit = async ({ name }: typeof form.values): Promise<void> =>
    run(async () => {
      const me = await take(api.PATCH('/api/v1/me', { body: { name: name.trim() === '' ? null : name.trim() } }));
      queries.setQueryData(meQuery.queryKey, me);
    });
  return (
    <Section title={t.person} note={t.signedInAs(user?.email ?? '')}>
      <SectionBody>
        <form className={styles.form} onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
          {problem !== undefined && <ProblemNotice problem={problem} />}
          <TextInput label={t.name} autoComplete="name" {...form.getInputProps('name')} />
          <div className={styles.actions}>
            <Saved shown={saved}>{text.settings.saved}</Saved>
            <Button type="submit" variant="default" loading={busy}>
              {text.ui.save}
            </Button>
          </div>
        </form>
      </SectionBody>
    </Section>
  );
}

const PASSWORD_FIELDS = { current_password: 'current', new_password: 'next' };

function PasswordForm() {
  const form = useForm({ initialValues: { current: '', next: '' } });
  const { problem, busy, saved, run } = useSave(PASSWORD_FIELDS, form.setErrors);
  const email = useMe().user?.email ?? '';
  const t = text.settings.profile;
  const submit = async ({ current, next }: typeof form.values): Promise<void> =>
    run(async () => {
      const body = { new_password: next, ...(current === '' ? {} : { current_password: current }) };
      await take(api.PUT('/api/v1/me/password', { body })).catch((thrown: unknown) => {
        throw atCurrentPassword(thrown);
      });
      form.reset();
    });
  return (
    <Section title={t.password} note={t.passwordNote}>
      <SectionBody>
        <form className={styles.form} onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
          {problem !== undefined && <ProblemNotice problem={problem} />}
          <input type="text" hidden readOnly autoComplete="username" value={email} />
          <PasswordInput
            label={t.current}
            description={t.currentNote}
            autoComplete="current-password"
            {...form.getInputProps('current')}
          />
          <PasswordInput label={t.next} autoComplete="new-password" {...form.getInputProps('next')} />
          <div className={styles.actions}>
            <Saved shown={saved}>{t.changed}</Saved>
            <Button type="submit" variant="default" loading={busy}>
              {t.change}
            </Button>
          </div>
        </form>
      </SectionBody>
    </Section>
  );
}

function Sessions() {
  const queries = useQueryClient();
  const [asked, setAsked] = useState(false);
  const t = text.settings.profile;
  return (
    <Section title={t.sessions}>
      <SectionBody>
        <p>{t.sessionsBody}</p>
        <div className={styles.actions}>
          <Button variant="default" onClick={() => setAsked(true)}>
            {t.signOutAll}
          </Button>
        </div>
      </SectionBody>
      {asked && (
        <ConfirmDialog
          title={t.signOutAllTitle}
          body={t.sessionsBody}
          action={t.signOutAll}
          danger
          onClose={() => setAsked(false)}
          onConfirm={async () => {
            await take(api.DELETE('/api/v1/me/sessions'));
            queries.clear();
            window.location.assign('/console/login');
          }}
        />
      )}
    </Section>
  );
}
