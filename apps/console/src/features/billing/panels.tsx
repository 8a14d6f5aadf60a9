import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, idempotencyKey, take } from '../../api/client.js';
import { type Problem, toProblem } from '../../api/problem.js';
import { moneyTextShort, nanoUsd } from '../../format/money.js';
import { recentText } from '../../format/time.js';
import { text } from '../../text/index.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { Money } from '../../ui/money.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { useActiveAccount, useZone } from '../session/queries.js';
import styles from './billing.module.css';
import type { Summary } from './cards.js';
import { HeldList } from './held-list.js';
import { OwnerButton } from './owner-button.js';
import { cardQuery } from './queries.js';

export function BalancePanel({ summary }: { readonly summary: Summary }) {
  const zone = useZone();
  const t = text.billing.stands;
  return (
    <section className={styles.card}>
      <h2 className={styles.cardTitle}>{t.title}</h2>
      <dl className={styles.fields}>
        <dt>{t.available}</dt>
        <dd>
          <strong>
            <Money amount={nanoUsd(summary.balance_nano_usd)} />
          </strong>
        </dd>
        <dt>{t.held}</dt>
        <dd>
          <Money amount={nanoUsd(summary.held_nano_usd)} />
        </dd>
        <dd className={styles.wide}>
          <HeldList holds={summary.holds} />
        </dd>
        <dt>{t.burn}</dt>
        <dd>
          {moneyTextShort(nanoUsd(summary.burn_rate_nano_usd_per_hour))}
          {text.shell.perHour}
        </dd>
        <dt>{t.out}</dt>
        <dd>{summary.runs_out_at === null ? t.never : recentText(summary.runs_out_at, zone)}</dd>
      </dl>
    </section>
  );
}

/** The saved card. A provider with a page of its own for cards is gone to; the test provider saves one at once. */
export function CardPanel() {
  const queries = useQueryClient();
  const { data: card, error } = useQuery(cardQuery);
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const [removing, setRemoving] = useState(false);
  const isOwner = useActiveAccount()?.role === 'owner';
  const t = text.billing.card;
  const add = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const saved = await take(api.POST('/api/v1/billing/card', { headers: { 'idempotency-key': idempotencyKey() } }));
      if (saved.setup_url !== null) return window.location.assign(saved.setup_url);
      notifications.show({ message: t.stored });
      await queries.invalidateQueries({ queryKey: ['billing'] });
    } catch (thrown) {
      setProblem(toProblem(thrown));
    }
    setBusy(false);
  };
  const last4 = card?.last4 ?? null;
  return (
    <section className={styles.card} id="payment-method">
      <h2 className={styles.cardTitle}>{t.title}</h2>
      {card === undefined && error !== null && <ProblemNotice problem={toProblem(error)} />}
      {card !== undefined &&
        (last4 === null ? <p className={styles.quiet}>{t.none}</p> : <p>{t.saved(card.brand ?? '', last4)}</p>)}
      {problem !== undefined && <ProblemNotice problem={problem} />}
      <div className={styles.row}>
        <OwnerButton variant="default" size="xs" loading={busy} onClick={() => void add()}>
          {last4 === null ? t.add : t.replace}
        </OwnerButton>
        {last4 !== null && isOwner && (
          <Button variant="subtle" size="xs" onClick={() => setRemoving(true)}>
            {t.remove}
          </Button>
        )}
      </div>
      {removing && (
        <ConfirmDialog
          title={t.removeTitle}
          body={t.removeBody}
          action={t.remove}
          danger
          onClose={() => setRemoving(false)}
          onConfirm={async () => {
            await take(api.DELETE('/api/v1/billing/card'));
            await queries.invalidateQueries({ queryKey: ['billing'] });
          }}
        />
      )}
    </section>
  );
}
