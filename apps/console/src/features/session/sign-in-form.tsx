import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { type Problem, toProblem } from '../../api/problem.js';
import { text } from '../../text/index.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import styles from './session.module.css';
import { signIn } from './sign-in.js';

interface SignInFormProps {
  readonly onDone: () => void;
  /** Of the person whose session ended. */
  readonly email?: string;
}

const RECOVERY_CODE_LENGTH_MIN = 8;

/** E-mail and password, then a second factor where the person has one. */
export function SignInForm({ onDone, email = '' }: SignInFormProps) {
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const [asksForCode, setAsksForCode] = useState(false);
  const form = useForm({ initialValues: { email, password: '', code: '' } });

  const submit = async (values: typeof form.values): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const code = values.code.replaceAll(' ', '');
      const second = code.length >= RECOVERY_CODE_LENGTH_MIN ? { recovery_code: code } : { totp_code: code };
      await signIn({ email: values.email.trim(), password: values.password, ...(asksForCode ? second : {}) });
      onDone();
    } catch (thrown) {
      const refusal = toProblem(thrown);
      if (refusal.code === 'mfa_required') setAsksForCode(true);
      else if (refusal.status === 401)
        form.setErrors(asksForCode ? { code: text.session.wrongCode } : { email: ' ', password: text.session.wrong });
      else setProblem(refusal);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} className={styles.form} noValidate>
      {problem !== undefined && <ProblemNotice problem={problem} />}
      {asksForCode ? (
        <TextInput
          {...form.getInputProps('code')}
          size="md"
          label={text.session.totp}
          description={text.session.totpSub}
          autoComplete="one-time-code"
          inputMode="text"
          data-autofocus
          autoFocus
        />
      ) : (
        <>
          <TextInput
            {...form.getInputProps('email')}
            size="md"
            type="email"
            label={text.session.email}
            placeholder={text.session.emailPlaceholder}
            autoComplete="username"
            data-autofocus={email === '' || undefined}
            required
            withAsterisk={false}
          />
          <PasswordInput
            {...form.getInputProps('password')}
            size="md"
            label={text.session.password}
            autoComplete="current-password"
            data-autofocus={email !== '' || undefined}
            required
            withAsterisk={false}
          />
        </>
      )}
      <Button type="submit" size="md" fullWidth loading={busy}>
        {text.session.signIn}
      </Button>
    </form>
  );
}
