import { Button, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, idempotencyKey, take } from '../../api/client.js';
import { type Problem, toProblem } from '../../api/problem.js';
import { moneyText, nanoUsd, parseDollars } from '../../format/money.js';
import { text } from '../../text/index.js';
import { Dialog } from '../../ui/dialog.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import styles from './billing.module.css';
import type { Budget } from './queries.js';

interface LimitDialogProps {
  readonly kind: 'change' | 'raise';
  readonly budget: Budget;
  readonly onClose: () => void;
}

/** Another limit for every window, or more for the window of now. */
export function LimitDialog({ kind, budget, onClose }: LimitDialogProps) {
  const queries = useQueryClient();
  const isRaise = kind === 'raise';
  const [typed, setTyped] = useState(isRaise ? '' : moneyText(nanoUsd(budget.limit_nano_usd)).replaceAll(/[$,]/g, ''));
  const [error, setError] = useState<string>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const t = text.billing.budgets;
  const save = async (): Promise<void> => {
    const amount = parseDollars(typed);
    if (amount === undefined) return setError(t.notAmount);
    const path = { id: budget.id };
    setBusy(true);
    setProblem(undefined);
    try {
      if (isRaise) {
        const body = { by_nano_usd: String(amount) };
        const headers = { 'idempotency-key': idempotencyKey() };
        await take(api.POST('/api/v1/budgets/{id}/raise', { params: { path }, body, headers }));
      } else {
        await take(api.PATCH('/api/v1/budgets/{id}', { params: { path }, body: { limit_nano_usd: String(amount) } }));
      }
      await queries.invalidateQueries({ queryKey: ['billing', 'budgets'] });
      onClose();
    } catch (thrown) {
      const refusal = toProblem(thrown);
      if (refusal.param === null) setProblem(refusal);
      else setError(refusal.message);
      setBusy(false);
    }
  };
  return (
    <Dialog onClose={onClose} title={isRaise ? t.raiseTitle : t.changeTitle} size={400}>
      <form
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextInput
          label={isRaise ? t.by : t.limit}
          description={isRaise ? t.raiseNote : undefined}
          inputMode="decimal"
          value={typed}
          error={error}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setError(undefined);
          }}
          data-autofocus
        />
        {problem !== undefined && <ProblemNotice problem={problem} />}
        <div className={styles.actions}>
          <Button variant="default" onClick={onClose}>
            {text.ui.cancel}
          </Button>
          <Button type="submit" loading={busy}>
            {isRaise ? t.raise : t.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
