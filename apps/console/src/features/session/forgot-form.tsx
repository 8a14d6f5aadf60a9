import { Button, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { api, take } from '../../api/client.js';
import { fieldErrors } from '../../api/field-errors.js';
import { type Problem, toProblem } from '../../api/problem.js';
import { text } from '../../text/index.js';
import { Notice } from '../../ui/notice.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import styles from './session.module.css';

/** Asks for a link to a new password. The answer is the same whether the address is known or not. */
export function ForgotForm() {
  const [problem, setProblem] = useState<Problem>();
  const [sentTo, setSentTo] = useState<string>();
  const [busy, setBusy] = useState(false);
  const form = useForm({ initialValues: { email: '' } });
  const t = text.session.forgot;
  const submit = async ({ email }: typeof form.values): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await take(api.POST('/api/v1/password-reset/request', { body: { email: email.trim() } }));
      setSentTo(email.trim());
    } catch (thrown) {
      const refusal = toProblem(thrown);
      const errors = fieldErrors(refusal, { email: 'email' });
      if (errors === undefined) setProblem(refusal);
      else form.setErrors(errors);
    } finally {
      setBusy(false);
    }
  };
  if (sentTo !== undefined) {
    return (
      <Notice kind="info" title={t.sent} alert>
        {t.sentBody(sentTo)}
      </Notice>
    );
  }
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} className={styles.form} noValidate>
      {problem !== undefined && <ProblemNotice problem={problem} />}
      <TextInput
        {...form.getInputProps('email')}
        size="md"
        type="email"
        label={text.session.email}
        placeholder={text.session.emailPlaceholder}
        autoComplete="username"
        required
        withAsterisk={false}
      />
      <Button type="submit" size="md" fullWidth loading={busy}>
        {t.send}
      </Button>
    </form>
  );
}
