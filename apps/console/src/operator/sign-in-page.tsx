import { Button, PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { type Problem, toProblem } from '../api/problem.js';
import { queryClient } from '../api/query-client.js';
import { operatorText as t } from '../text/operator.js';
import { Logo } from '../ui/logo.js';
import { ProblemNotice } from '../ui/problem-notice.js';
import { useTitle } from '../ui/use-title.js';
import { proveToken } from './api.js';
import styles from './operator.module.css';
import { keepToken, wasTokenRefused } from './token.js';

/** Asks for the token, and keeps it once the API has taken it. */
export function SignInPage() {
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<Problem>();
  const [error, setError] = useState(wasTokenRefused() ? t.signIn.ended : '');
  const [busy, setBusy] = useState(false);
  useTitle(t.signIn.title);
  const submit = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    setError('');
    try {
      await proveToken(token.trim());
      queryClient.clear();
      keepToken(token.trim());
    } catch (thrown) {
      const refusal = toProblem(thrown);
      if (refusal.status === 401) setError(t.signIn.wrong);
      else setProblem(refusal);
      setBusy(false);
    }
  };
  return (
    <main className={styles.signIn}>
      <Logo size={32} />
      <h1 className={styles.signInTitle}>{t.signIn.title}</h1>
      <p className={styles.note}>{t.signIn.note}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {problem !== undefined && <ProblemNotice problem={problem} />}
        <PasswordInput
          size="md"
          label={t.signIn.token}
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
          error={error}
          autoComplete="off"
          autoFocus
          mb={16}
        />
        <Button type="submit" size="md" fullWidth loading={busy} disabled={token.trim() === ''}>
          {t.signIn.action}
        </Button>
      </form>
    </main>
  );
}
