import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { api, idempotencyKey, take } from '../../api/client.js';
import { fieldErrors } from '../../api/field-errors.js';
import { type Problem, toProblem } from '../../api/problem.js';
import { queryClient } from '../../api/query-client.js';
import { text } from '../../text/index.js';
import { Notice } from '../../ui/notice.js';
import { ProblemNotice } from '../../ui/problem-notice.js';

import { announceSession } from './account-channel.js';
import { meQuery } from './queries.js';
import styles from './session.module.css';

interface SignUpFormProps {
  readonly onDone: () => void;
  /** Joins the invite's account rather than making one. */
  readonly inviteToken?: string;
}

const FIELDS = { email: 'email', password: 'password', account_name: 'accountName' };

/** A new person, with an account of their own unless an invite brings them to one. */
export function SignUpForm({ onDone, inviteToken }: SignUpFormProps) {
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const form = useForm({ initialValues: { email: '', password: '', accountName: '' } });

  const submit = async ({ email, password, accountName }: typeof form.values): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const account = accountName.trim() === '' ? {} : { account_name: accountName.trim() };
      const body = { email: email.trim(), password, ...(inviteToken === undefined ? account : { invite_token: inviteToken }) };
      await take(api.POST('/api/v1/signup', { body, headers: { 'idempotency-key': idempotencyKey() } }));
      await queryClient.query({ ...meQuery, staleTime: 0 });
      announceSession();
      onDone();
    } catch (thrown) {
      const refusal = toProblem(thrown);
      const errors = fieldErrors(refusal, FIELDS);
      if (refusal.code === 'email_taken') form.setErrors({ email: refusal.message });
      else if (errors === undefined) setProblem(refusal);
      else form.setErrors(errors);
    } finally {
      setBusy(false);
    }
  };

  if (problem?.code === 'signup_closed') {
    return (
      <Notice kind="info" title={text.session.signUpByInvite} alert>
        {problem.message}
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
      <PasswordInput
        {...form.getInputProps('password')}
        size="md"
        label={text.session.newPassword}
        autoComplete="new-password"
        required
        withAsterisk={false}
      />
      {inviteToken === undefined && (
        <TextInput
          {...form.getInputProps('accountName')}
          size="md"
          label={text.session.accountName}
          placeholder={text.session.accountNamePlaceholder}
          autoComplete="organization"
        />
      )}
      <Button type="submit" size="md" fullWidth loading={busy}>
        {text.session.createAccount}
      </Button>
    </form>
  );
}
