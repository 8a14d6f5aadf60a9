import { Button, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.js';
import { type Problem, toProblem } from '../../api/problem.js';
import { moneyText, nanoUsd, parseDollars } from '../../format/money.js';
import { text } from '../../text/index.js';
import { Dialog } from '../../ui/dialog.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import styles from './billing.module.css';
import { OwnerButton } from './owner-button.js';
import { cardQuery, type Recharge, rechargeQuery } from './queries.js';

/** Whether the saved card is charged by itself, when and how much. */
export function RechargePanel() {
  const queries = useQueryClient();
  const { data: recharge, error } = useQuery(rechargeQuery);
  const { data: card } = useQuery(cardQuery);
  const [editing, setEditing] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const t = text.billing.recharge;
  const turnOff = async (): Promise<void> => {
    if (recharge === undefined) return;
    setProblem(undefined);
    try {
      await take(api.PUT('/api/v1/billing/auto-recharge', { body: { ...recharge, enabled: false } }));
      await queries.invalidateQueries({ queryKey: ['billing', 'auto-recharge'] });
    } catch (thrown) {
      setProblem(toProblem(thrown));
    }
  };
  const hasCard = card !== undefined && card.last4 !== null;
  return (
    <section className={styles.card}>
      <h2 className={styles.cardTitle}>{t.title}</h2>
      {recharge === undefined && error !== null && <ProblemNotice problem={toProblem(error)} />}
      {recharge !== undefined && (
        <p className={styles.quiet}>
          {recharge.enabled
            ? `${t.on(moneyText(nanoUsd(recharge.amount_nano_usd)), moneyText(nanoUsd(recharge.threshold_nano_usd)))}.`
            : `${t.isOff}. ${t.note}`}
        </p>
      )}
      {problem !== undefined && <ProblemNotice problem={problem} />}
      <div className={styles.row}>
        <OwnerButton variant="default" size="xs" reason={hasCard ? undefined : t.needsCard} onClick={() => setEditing(true)}>
          {t.change}
        </OwnerButton>
        {recharge?.enabled === true && (
          <OwnerButton variant="subtle" size="xs" onClick={() => void turnOff()}>
            {t.off}
          </OwnerButton>
        )}
      </div>
      {editing && recharge !== undefined && <RechargeDialog recharge={recharge} onClose={() => setEditing(false)} />}
    </section>
  );
}

/** `25.00`, as it is typed; empty for nothing. */
function typedOf(amount: string, fallback: string): string {
  return nanoUsd(amount) === 0n ? fallback : moneyText(nanoUsd(amount)).replaceAll(/[$,]/g, '');
}

interface Errors {
  readonly threshold?: string;
  readonly amount?: string;
}

function RechargeDialog({ recharge, onClose }: { readonly recharge: Recharge; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [threshold, setThreshold] = useState(typedOf(recharge.threshold_nano_usd, '10'));
  const [amount, setAmount] = useState(typedOf(recharge.amount_nano_usd, '25'));
  const [errors, setErrors] = useState<Errors>({});
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const t = text.billing.recharge;
  const save = async (): Promise<void> => {
    const [below, add] = [parseDollars(threshold), parseDollars(amount)];
    if (below === undefined) return setErrors({ threshold: t.notAmount });
    if (add === undefined) return setErrors({ amount: t.notAmount });
    setBusy(true);
    setProblem(undefined);
    try {
      const body = { enabled: true, threshold_nano_usd: String(below), amount_nano_usd: String(add) };
      await take(api.PUT('/api/v1/billing/auto-recharge', { body }));
      await queries.invalidateQueries({ queryKey: ['billing', 'auto-recharge'] });
      onClose();
    } catch (thrown) {
      const refusal = toProblem(thrown);
      if (refusal.param === 'threshold_nano_usd') setErrors({ threshold: refusal.message });
      else if (refusal.param === 'amount_nano_usd') setErrors({ amount: refusal.message });
      else setProblem(refusal);
      setBusy(false);
    }
  };
  return (
    <Dialog onClose={onClose} title={t.title} size={400}>
      <form
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setErrors({});
          void save();
        }}
      >
        <TextInput
          label={`${t.threshold} ($)`}
          inputMode="decimal"
          value={threshold}
          error={errors.threshold}
          onChange={(event) => setThreshold(event.currentTarget.value)}
          data-autofocus
        />
        <TextInput
          label={`${t.amount} ($)`}
          inputMode="decimal"
          value={amount}
          error={errors.amount}
          onChange={(event) => setAmount(event.currentTarget.value)}
        />
        {problem !== undefined && <ProblemNotice problem={problem} />}
        <div className={styles.actions}>
          <Button variant="default" onClick={onClose}>
            {text.ui.cancel}
          </Button>
          <Button type="submit" loading={busy}>
            {t.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
