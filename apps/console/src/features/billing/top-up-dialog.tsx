import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { NANO_USD_PER_USD } from '@ecolink/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { api, idempotencyKey, take } from '../../api/client.js';
import { type Problem, toProblem } from '../../api/problem.js';
import { durationText } from '../../format/duration.js';
import { moneyText, nanoUsd, parseDollars } from '../../format/money.js';
import { text } from '../../text/index.js';
import { Dialog } from '../../ui/dialog.js';
import { Money } from '../../ui/money.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import styles from './billing.module.css';
import { billingSummaryQuery } from './summary.js';

const AMOUNTS = ['10', '25', '100'] as const;
const OTHER = 'other';
const MIN = NANO_USD_PER_USD;
const MAX = 1_000n * NANO_USD_PER_USD;
const HOUR_MS = 3_600_000n;
/** Longer than ten years says nothing. */
const LASTS_MAX_MS = 87_600n * HOUR_MS;

/** Pays money in: at once by the test provider, else on the provider's own page. */
export default function TopUpDialog({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [choice, setChoice] = useState<string>('25');
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  /** One key for one amount: pressing again after a lost answer pays once. */
  const sent = useRef({ amount: 0n, key: '' });
  const t = text.billing.topUpDialog;
  const amount = parseDollars(choice === OTHER ? typed : choice);
  const isValid = amount !== undefined && amount >= MIN && amount <= MAX;
  const pay = async (): Promise<void> => {
    if (!isValid) return;
    if (sent.current.amount !== amount || sent.current.key === '') sent.current = { amount, key: idempotencyKey() };
    setBusy(true);
    setProblem(undefined);
    try {
      const topUp = await take(
        api.POST('/api/v1/billing/top-ups', {
          body: { amount_nano_usd: String(amount) },
          headers: { 'idempotency-key': sent.current.key },
        }),
      );
      if (topUp.status === 'pending' && topUp.checkout_url !== null) return window.location.assign(topUp.checkout_url);
      sent.current.key = '';
      if (topUp.status === 'succeeded') notifications.show({ title: t.received, message: t.receivedBody(moneyText(amount)) });
      else if (topUp.status === 'pending') notifications.show({ title: t.pending, message: t.pendingBody });
      else notifications.show({ color: 'red', message: t.failed });
      onClose();
      for (const noun of ['billing', 'transactions']) void queries.invalidateQueries({ queryKey: [noun] });
    } catch (thrown) {
      const refusal = toProblem(thrown);
      // Only a call without an answer may be sent again under its key.
      if (refusal.status !== 0) sent.current.key = '';
      setProblem(refusal);
      setBusy(false);
    }
  };
  return (
    <Dialog onClose={onClose} title={t.title} size={440}>
      <form
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void pay();
        }}
      >
        <SegmentedControl
          aria-label={t.amount}
          fullWidth
          value={choice}
          onChange={setChoice}
          data={[...AMOUNTS.map((value) => ({ value, label: `$${value}` })), { value: OTHER, label: t.other }]}
        />
        {choice === OTHER && (
          <TextInput
            label={t.otherLabel}
            description={t.bounds}
            inputMode="decimal"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            error={typed !== '' && !isValid ? t.bounds : undefined}
            autoFocus
          />
        )}
        {isValid && <Afterwards amount={amount} />}
        {problem !== undefined && <ProblemNotice problem={problem} />}
        <div className={styles.actions}>
          <Button variant="default" onClick={onClose}>
            {text.ui.cancel}
          </Button>
          <Button type="submit" loading={busy} disabled={!isValid} data-autofocus>
            {t.pay(isValid ? moneyText(amount) : '')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Afterwards({ amount }: { readonly amount: bigint }) {
  const { data } = useQuery(billingSummaryQuery);
  if (data === undefined) return null;
  const t = text.billing.topUpDialog;
  const balance = nanoUsd(data.balance_nano_usd) + amount;
  const burn = nanoUsd(data.burn_rate_nano_usd_per_hour);
  // What is held is spent first, as the cycles go on.
  const lastsMs = burn > 0n ? ((balance + nanoUsd(data.held_nano_usd)) * HOUR_MS) / burn : undefined;
  return (
    <dl className={styles.fields}>
      <dt>{t.after}</dt>
      <dd>
        <Money amount={balance} />
      </dd>
      {lastsMs !== undefined && lastsMs > 0n && lastsMs < LASTS_MAX_MS && (
        <>
          <dt>{t.lasts}</dt>
          <dd>{durationText(Number(lastsMs))}</dd>
        </>
      )}
    </dl>
  );
}
