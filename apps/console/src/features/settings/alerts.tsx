import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, idempotencyKey, take } from '../../api/client.js';
import { type Problem, toProblem } from '../../api/problem.js';
import { text } from '../../text/index.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { Notice } from '../../ui/notice.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { RowsLoading } from '../../ui/rows-loading.js';
import { SecretDialog } from '../../ui/secret-dialog.js';
import { Section } from '../../ui/section.js';
import { ChannelDialog } from './channel-dialog.js';
import { type ChannelAction, ChannelsTable } from './channels-table.js';
import { DeliveriesDialog } from './deliveries-dialog.js';
import { type Channel, channelsQuery, whereOf } from './queries.js';
import styles from './settings.module.css';

type Delivery = Awaited<ReturnType<typeof sendTest>>;

async function sendTest(id: string) {
  const headers = { 'idempotency-key': idempotencyKey() };
  return take(api.POST('/api/v1/alert-channels/{id}/test', { params: { path: { id } }, headers }));
}

async function switchStatus({ id, status }: Channel): Promise<void> {
  const body = { status: status === 'active' ? ('disabled' as const) : ('active' as const) };
  await take(api.PATCH('/api/v1/alert-channels/{id}', { params: { path: { id } }, body }));
}

/** Where messages are sent to; for owners. */
export function Alerts() {
  const queries = useQueryClient();
  const { data: channels, error } = useQuery(channelsQuery);
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string>();
  const [asked, setAsked] = useState<{ readonly action: ChannelAction; readonly channel: Channel }>();
  const [tested, setTested] = useState<{ readonly channel: Channel; readonly delivery: Delivery }>();
  const [problem, setProblem] = useState<Problem>();
  const t = text.settings.alerts;
  const act = async (action: ChannelAction, channel: Channel): Promise<void> => {
    setProblem(undefined);
    setTested(undefined);
    setAsked({ action, channel });
    try {
      if (action === 'test') setTested({ channel, delivery: await sendTest(channel.id) });
      if (action === 'switch') await switchStatus(channel);
      await queries.invalidateQueries({ queryKey: ['channels'] });
    } catch (thrown) {
      setProblem(toProblem(thrown));
    }
  };
  const close = (): void => setAsked(undefined);
  if (channels === undefined) return error === null ? <RowsLoading rows={3} /> : <ProblemNotice problem={toProblem(error)} />;
  return (
    <>
      {problem !== undefined && <ProblemNotice problem={problem} />}
      {tested !== undefined && <TestResult {...tested} />}
      <Section
        title={t.title}
        note={t.note}
        actions={
          <Button size="xs" leftSection={<IconPlus size={15} stroke={1.8} aria-hidden="true" />} onClick={() => setAdding(true)}>
            {t.add}
          </Button>
        }
      >
        {channels.length === 0 && <p className={styles.empty}>{t.empty}</p>}
        {channels.length > 0 && <ChannelsTable channels={channels} onAction={(action, channel) => void act(action, channel)} />}
      </Section>
      {adding && <ChannelDialog onClose={() => setAdding(false)} onSecret={setSecret} />}
      {asked?.action === 'remove' && <RemoveChannel channel={asked.channel} onClose={close} />}
      {asked?.action === 'deliveries' && <DeliveriesDialog channel={asked.channel} onClose={close} />}
      {secret !== undefined && (
        <SecretDialog
          title={t.secretTitle}
          warning={t.secretWarning}
          secret={secret}
          copyLabel={t.copySecret}
          stored={t.secretStored}
          onDone={() => setSecret(undefined)}
        />
      )}
    </>
  );
}

function TestResult({ channel, delivery }: { readonly channel: Channel; readonly delivery: Delivery }) {
  const t = text.settings.alerts;
  const where = whereOf(channel);
  if (delivery.status === 'delivered') return <Notice kind="info" title={t.testOk(where)} alert />;
  const isPending = delivery.status === 'pending';
  return (
    <Notice kind={isPending ? 'warn' : 'bad'} title={isPending ? t.testPending(where) : t.testFailed(where)} alert>
      {delivery.problem ?? ''}
    </Notice>
  );
}

function RemoveChannel({ channel, onClose }: { readonly channel: Channel; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const t = text.settings.alerts;
  return (
    <ConfirmDialog
      title={t.removeTitle(whereOf(channel))}
      body={t.removeBody}
      action={t.remove}
      danger
      onClose={onClose}
      onConfirm={async () => {
        await take(api.DELETE('/api/v1/alert-channels/{id}', { params: { path: { id: channel.id } } }));
        await queries.invalidateQueries({ queryKey: ['channels'] });
      }}
    />
  );
}
