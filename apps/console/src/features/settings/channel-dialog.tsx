import { Button, MultiSelect, SegmentedControl, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { NOTIFICATION_KINDS, type NotificationKind } from '@ecolink/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { api, idempotencyKey, take } from '../../api/client.js';
import { text } from '../../text/index.js';
import { Dialog } from '../../ui/dialog.js';
import styles from '../../ui/form.module.css';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { useSave } from './use-save.js';

interface ChannelDialogProps {
  readonly onClose: () => void;
  /** A webhook's signing secret, to be shown once. */
  readonly onSecret: (secret: string) => void;
}

type Kind = 'email' | 'webhook';
const FIELDS = { address: 'where', url: 'where', notifications: 'notifications' };
const EMPTY = { kind: 'email' as Kind, where: '', notifications: [] as string[] };

export function ChannelDialog({ onClose, onSecret }: ChannelDialogProps) {
  const queries = useQueryClient();
  const form = useForm({ initialValues: EMPTY });
  const { problem, busy, run } = useSave(FIELDS, form.setErrors);
  const t = text.settings.alerts;
  const submit = async ({ kind, where, notifications }: typeof EMPTY): Promise<void> =>
    run(async () => {
      const chosen = notifications.filter((value): value is NotificationKind =>
        NOTIFICATION_KINDS.some((known) => known === value),
      );
      const about = { notifications: chosen.length === 0 ? null : chosen };
      const body =
        kind === 'email'
          ? ({ kind, address: where.trim(), ...about } as const)
          : ({ kind, url: where.trim(), ...about } as const);
      const headers = { 'idempotency-key': idempotencyKey() };
      const { secret } = await take(api.POST('/api/v1/alert-channels', { body, headers }));
      void queries.invalidateQueries({ queryKey: ['channels'] });
      if (secret !== undefined) onSecret(secret);
      onClose();
    });
  const isEmail = form.values.kind === 'email';
  return (
    <Dialog onClose={onClose} title={t.addTitle} size={520}>
      <form className={styles.form} onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
        {problem !== undefined && <ProblemNotice problem={problem} />}
        <SegmentedControl
          aria-label={t.kind}
          data={[
            { value: 'email', label: t.kinds.email },
            { value: 'webhook', label: t.kinds.webhook },
          ]}
          {...form.getInputProps('kind')}
        />
        <TextInput
          label={isEmail ? t.address : t.url}
          description={isEmail ? undefined : t.urlNote}
          type={isEmail ? 'email' : 'url'}
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('where')}
        />
        <MultiSelect
          label={t.about}
          description={t.aboutNote}
          data={NOTIFICATION_KINDS.map((value) => ({ value, label: t.notifications[value] ?? value }))}
          {...form.getInputProps('notifications')}
        />
        <div className={styles.actions}>
          <Button variant="default" onClick={onClose}>
            {text.ui.cancel}
          </Button>
          <Button type="submit" loading={busy}>
            {t.add}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
