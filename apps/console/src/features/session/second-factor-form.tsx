import { Button, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { api, take } from '../../api/client.js';
import { type Problem, toProblem } from '../../api/problem.js';
import { queryClient } from '../../api/query-client.js';
import { text } from '../../text/index.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { meQuery } from './queries.js';
import styles from './session.module.css';

const RECOVERY_CODE_LENGTH_MIN = 8;

/** The second half of a sign-in with the company account: the session is there, its second factor is still to come. */
export function SecondFactorForm({ onDone }: { readonly onDone: () => void }) {
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const form = useForm({ initialValues: { code: '' } });
  const submit = async (values: typeof form.values): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const code = values.code.replaceAll(' ', '');
      const body = code.length >= RECOVERY_CODE_LENGTH_MIN ? { recovery_code: code } : { totp_code: code };
      queryClient.setQueryData(meQuery.queryKey, await take(api.POST('/api/v1/session/second-factor', { body })));
      onDone();
    } catch (thrown) {
      const refusal = toProblem(thrown);
      if (refusal.code === 'invalid_credentials') form.setErrors({ code: text.session.wrongCode });
      else setProblem(refusal);
      setBusy(false);
    }
  };
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} className={styles.form} noValidate>
      {problem !== undefined && <ProblemNotice problem={problem} />}
      <TextInput
        {...form.getInputProps('code')}
        size="md"
        label={text.session.totp}
        description={text.session.totpSub}
        autoComplete="one-time-code"
        autoFocus
      />
      <Button type="submit" size="md" fullWidth loading={busy}>
        {text.session.signIn}
      </Button>
    </form>
  );
}
