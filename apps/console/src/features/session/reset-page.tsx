import { Button, PasswordInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, take } from '../../api/client.js';
import { fieldErrors } from '../../api/field-errors.js';
import { type Problem, toProblem } from '../../api/problem.js';
import { text } from '../../text/index.js';
import { Notice } from '../../ui/notice.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { useTitle } from '../../ui/use-title.js';
import { AuthPage } from './auth-page.js';
import styles from './session.module.css';

const GONE = 410;

/** Sets a new password with the token of a reset link, which works once. */
export function ResetPage({ token }: { readonly token: string }) {
  const [done, setDone] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const t = text.session.reset;
  useTitle(t.title);
  const toSignIn = <Link to="/login">{text.session.signIn}</Link>;
  return (
    <AuthPage title={t.title} sub={t.sub} below={toSignIn}>
      {done && (
        <Notice kind="info" title={t.done} alert>
          {t.doneBody}
        </Notice>
      )}
      {problem?.status === GONE && (
        <Notice kind="info" title={t.gone} alert>
          {t.goneBody}{' '}
          <Link to="/login" search={{ mode: 'forgot' }}>
            {text.session.forgot.send}
          </Link>
        </Notice>
      )}
      {problem !== undefined && problem.status !== GONE && <ProblemNotice problem={problem} />}
      {!done && problem?.status !== GONE && <ResetForm token={token} onDone={() => setDone(true)} onProblem={setProblem} />}
    </AuthPage>
  );
}

interface ResetFormProps {
  readonly token: string;
  readonly onDone: () => void;
  readonly onProblem: (problem: Problem | undefined) => void;
}

function ResetForm({ token, onDone, onProblem }: ResetFormProps) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const form = useForm({ initialValues: { password: '' } });
  const submit = async ({ password }: typeof form.values): Promise<void> => {
    setBusy(true);
    onProblem(undefined);
    try {
      await take(api.POST('/api/v1/password-reset', { body: { token, password } }));
      queries.clear();
      onDone();
    } catch (thrown) {
      const refusal = toProblem(thrown);
      const errors = fieldErrors(refusal, { password: 'password' });
      if (errors === undefined) onProblem(refusal);
      else form.setErrors(errors);
      setBusy(false);
    }
  };
  return (
    <form className={styles.form} onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <PasswordInput
        {...form.getInputProps('password')}
        size="md"
        label={text.session.newPassword}
        autoComplete="new-password"
        required
        withAsterisk={false}
      />
      <Button type="submit" size="md" fullWidth loading={busy}>
        {text.session.reset.set}
      </Button>
    </form>
  );
}
