import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { api, take } from '../../api/client.js';
import { text } from '../../text/index.js';
import { Dialog } from '../../ui/dialog.js';
import styles from '../../ui/form.module.css';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { Section, SectionBody } from '../../ui/section.js';
import { useMe } from '../session/queries.js';
import { forgetSession } from '../session/sign-in.js';
import { atCurrentPassword } from './current-password.js';
import { useSave } from './use-save.js';

/** People delete themselves; an account is deleted by the operator. */
export function DeleteMe() {
  const [asked, setAsked] = useState(false);
  const t = text.settings.deleteMe;
  return (
    <Section title={t.title}>
      <SectionBody>
        <p>{t.body}</p>
        <div className={styles.actions}>
          <Button variant="default" onClick={() => setAsked(true)}>
            {t.open}
          </Button>
        </div>
      </SectionBody>
      {asked && <DeleteMeDialog onClose={() => setAsked(false)} />}
    </Section>
  );
}

function DeleteMeDialog({ onClose }: { readonly onClose: () => void }) {
  const email = useMe().user?.email ?? '';
  const form = useForm({ initialValues: { typed: '', current: '' } });
  const { problem, busy, run } = useSave({ current_password: 'current' }, form.setErrors);
  const t = text.settings.deleteMe;
  const submit = ({ current }: typeof form.values): Promise<void> =>
    run(async () => {
      const body = current === '' ? {} : { current_password: current };
      await take(api.DELETE('/api/v1/me', { body })).catch((thrown: unknown) => {
        throw atCurrentPassword(thrown);
      });
      forgetSession();
      window.location.assign('/console/login');
    });
  return (
    <Dialog onClose={onClose} title={t.question} size={460}>
      <form className={styles.form} onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
        <p>{t.body}</p>
        {problem !== undefined && <ProblemNotice problem={problem} />}
        <TextInput label={t.typeEmail(email)} autoComplete="off" data-autofocus {...form.getInputProps('typed')} />
        <PasswordInput
          label={text.settings.profile.current}
          description={text.settings.profile.currentNote}
          autoComplete="current-password"
          {...form.getInputProps('current')}
        />
        <div className={styles.actions}>
          <Button variant="default" onClick={onClose}>
            {text.ui.cancel}
          </Button>
          <Button type="submit" color="red" loading={busy} disabled={form.values.typed.trim() !== email}>
            {t.confirm}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
