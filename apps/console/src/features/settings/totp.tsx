import { Button, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { api, take } from '../../api/client.js';
import { type Problem, toProblem } from '../../api/problem.js';
import { text } from '../../text/index.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { CopyField } from '../../ui/copy-field.js';
import { Dialog } from '../../ui/dialog.js';
import styles from '../../ui/form.module.css';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { SecretDialog } from '../../ui/secret-dialog.js';
import { Section, SectionBody } from '../../ui/section.js';
import { meQuery, useMe } from '../session/queries.js';
import { useSave } from './use-save.js';

const QrOfSecret = lazy(() => import('./qr-of-secret.js'));

interface Started {
  readonly secret: string;
  readonly otpauth_url: string;
}

/** The second factor: set up with a code of the app, its recovery codes shown once, turned off again. */
export function Totp() {
  const queries = useQueryClient();
  const isOn = useMe().user?.totp_enabled === true;
  const [started, setStarted] = useState<Started>();
  const [codes, setCodes] = useState<readonly string[]>();
  const [removing, setRemoving] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const t = text.settings.totp;
  const refresh = async (): Promise<void> => queries.invalidateQueries({ queryKey: meQuery.queryKey });
  const begin = async (): Promise<void> => {
    setProblem(undefined);
    try {
      setStarted(await take(api.POST('/api/v1/me/totp')));
    } catch (thrown) {
      setProblem(toProblem(thrown));
    }
  };
  return (
    <Section title={t.title}>
      <SectionBody>
        <p>{isOn ? t.on : t.off}</p>
        {problem !== undefined && <ProblemNotice problem={problem} />}
        <div className={styles.actions}>
          <Button variant="default" onClick={() => (isOn ? setRemoving(true) : void begin())}>
            {isOn ? t.remove : t.setUp}
          </Button>
        </div>
      </SectionBody>
      {started !== undefined && (
        <ConfirmTotp
          started={started}
          onClose={() => setStarted(undefined)}
          onCodes={(given) => {
            setCodes(given);
            setStarted(undefined);
          }}
        />
      )}
      {codes !== undefined && (
        <SecretDialog
          title={t.codesTitle}
          warning={t.codesWarning}
          secret={codes.join('\n')}
          copyLabel={t.copyCodes}
          stored={t.codesStored}
          onDone={() => {
            setCodes(undefined);
            void refresh();
          }}
        />
      )}
      {removing && (
        <ConfirmDialog
          title={t.removeTitle}
          body={t.removeBody}
          action={t.remove}
          danger
          onClose={() => setRemoving(false)}
          onConfirm={async () => {
            await take(api.DELETE('/api/v1/me/totp'));
            await refresh();
          }}
        />
      )}
    </Section>
  );
}

interface ConfirmTotpProps {
  readonly started: Started;
  readonly onClose: () => void;
  readonly onCodes: (codes: readonly string[]) => void;
}

function ConfirmTotp({ started, onClose, onCodes }: ConfirmTotpProps) {
  const form = useForm({ initialValues: { code: '' } });
  const { problem, busy, run } = useSave({ code: 'code' }, form.setErrors);
  const t = text.settings.totp;
  const submit = async ({ code }: typeof form.values): Promise<void> =>
    run(async () => {
      const body = { code: code.replaceAll(' ', '') };
      onCodes((await take(api.POST('/api/v1/me/totp/confirm', { body }))).recovery_codes);
    });
  return (
    <Dialog onClose={onClose} title={t.setUpTitle} size={480}>
      <form className={styles.form} onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
        <p>{t.step}</p>
        <Suspense fallback={<div className={styles.qrRoom} />}>
          <QrOfSecret url={started.otpauth_url} />
        </Suspense>
        <CopyField value={started.secret} label={t.copySecret} />
        <a href={started.otpauth_url}>{t.open}</a>
        {problem !== undefined && <ProblemNotice problem={problem} />}
        <TextInput
          label={t.code}
          inputMode="numeric"
          autoComplete="one-time-code"
          data-autofocus
          {...form.getInputProps('code')}
        />
        <div className={styles.actions}>
          <Button variant="default" onClick={onClose}>
            {text.ui.cancel}
          </Button>
          <Button type="submit" loading={busy}>
            {t.confirm}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
