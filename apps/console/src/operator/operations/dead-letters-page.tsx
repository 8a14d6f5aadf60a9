import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { take } from '../../api/client.js';
import { dateTimeText } from '../../format/time.js';
import { operatorText } from '../../text/operator.js';
import { Dialog } from '../../ui/dialog.js';
import { StateDot } from '../../ui/state-dot.js';
import table from '../../ui/table.module.css';
import { adminApi, type Schemas } from '../api.js';
import { AdminTable, type Column } from '../parts/admin-table.js';
import { ChangeDialog } from '../parts/change-dialog.js';
import { OperatorPage } from '../parts/operator-page.js';
import { useAdminList } from '../parts/use-admin-list.js';
import styles from './operations.module.css';

type DeadLetter = Schemas['DeadLetterList']['data'][number];
const t = operatorText.deadLetters;

const COLUMNS: readonly Column<DeadLetter>[] = [
  {
    label: t.columns.topic,
    cell: ({ topic, group }) => (
      <>
        <span className="mono">{topic}</span>
        <span className={table.sub}>{t.gaveUp(group)}</span>
      </>
    ),
  },
  { label: t.columns.key, cell: ({ key }) => <span className="mono">{key}</span> },
  { label: t.columns.reason, cell: ({ reason, attempts }) => t.reason(reason, attempts) },
  { label: t.columns.occurred, cell: ({ occurred_at }) => dateTimeText(occurred_at) },
  {
    label: t.columns.state,
    cell: ({ replayed_at }) =>
      replayed_at === null ? (
        <StateDot kind="failed" word={t.waiting} />
      ) : (
        <StateDot kind="stopped" word={t.replayed} cause={dateTimeText(replayed_at)} />
      ),
  },
];

type Asked = { readonly what: 'show' | 'replay'; readonly letter: DeadLetter };

/** Events that a consumer gave up. Each can be published once more, after its cause is gone. */
export function DeadLettersPage() {
  const list = useAdminList(['dead-letters'], (at) => take(adminApi.GET('/admin/v1/dead-letters', { params: { query: at } })));
  const [asked, setAsked] = useState<Asked>();
  const close = (): void => setAsked(undefined);
  return (
    <OperatorPage title={operatorText.pages.deadLetters}>
      <AdminTable
        list={list}
        columns={COLUMNS}
        keyOf={({ id }) => id}
        empty={t.empty}
        actions={(letter) => (
          <Group gap={8} justify="flex-end" wrap="nowrap">
            <Button variant="default" size="xs" onClick={() => setAsked({ what: 'show', letter })}>
              {t.show}
            </Button>
            <Button variant="default" size="xs" onClick={() => setAsked({ what: 'replay', letter })}>
              {t.replay}
            </Button>
          </Group>
        )}
      />
      {asked?.what === 'show' && (
        <Dialog onClose={close} title={t.event} size={720}>
          <pre className={styles.data} tabIndex={0}>
            {JSON.stringify(asked.letter, null, 2)}
          </pre>
        </Dialog>
      )}
      {asked?.what === 'replay' && (
        <ChangeDialog
          title={t.replayTitle(asked.letter.topic)}
          body={t.replayBody(asked.letter.group)}
          action={t.replay}
          onConfirm={async (_values, sendOnce) => {
            const params = { path: { id: asked.letter.id }, header: { 'Idempotency-Key': sendOnce } };
            await take(adminApi.POST('/admin/v1/dead-letters/{id}/replay', { params }));
          }}
          onClose={close}
          audited={() => ({ method: 'POST', path: `/admin/v1/dead-letters/${asked.letter.id}/replay` })}
          changes={['dead-letters']}
        />
      )}
    </OperatorPage>
  );
}
