import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { idempotencyKey, take } from '../../api/client.js';
import { toProblem } from '../../api/problem.js';
import { countText } from '../../format/count.js';
import { durationText } from '../../format/duration.js';
import { nanoUsd } from '../../format/money.js';
import { operatorText } from '../../text/operator.js';
import { Money } from '../../ui/money.js';
import { Notice } from '../../ui/notice.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { StateDot } from '../../ui/state-dot.js';
import table from '../../ui/table.module.css';
import { adminApi, type Reconciliation } from '../api.js';
import { OperatorPage } from '../parts/operator-page.js';
import styles from './operations.module.css';

const t = operatorText.reconcile;
const NOT_FOUND = 404;

/** Everything that is derived is computed anew from entries and usage; what differs is listed, and nothing is changed. */
export function ReconcilePage() {
  const [accountId, setAccountId] = useState('');
  const { data, error, isPending, mutate } = useMutation({
    mutationFn: (account: string) =>
      take(
        adminApi.POST('/admin/v1/reconcile', {
          params: { query: account === '' ? {} : { account_id: account }, header: { 'Idempotency-Key': idempotencyKey() } },
        }),
      ),
  });
  const problem = error === null ? undefined : toProblem(error);
  return (
    <OperatorPage title={operatorText.pages.reconcile}>
      <p>{t.body}</p>
      <form
        className={styles.reconcile}
        onSubmit={(event) => {
          event.preventDefault();
          mutate(accountId.trim());
        }}
      >
        <TextInput
          label={operatorText.accountId}
          description={t.accountNote}
          value={accountId}
          onChange={(event) => setAccountId(event.currentTarget.value)}
        />
        <Button type="submit" loading={isPending}>
          {t.run}
        </Button>
      </form>
      {problem?.status === NOT_FOUND && <Notice kind="info" title={t.missing} />}
      {problem !== undefined && problem.status !== NOT_FOUND && <ProblemNotice problem={problem} />}
      {data !== undefined && <Result result={data} />}
    </OperatorPage>
  );
}

function Result({ result }: { readonly result: Reconciliation }) {
  const { checked, differences, balanced, truncated } = result;
  const took = durationText(Date.parse(result.finished_at) - Date.parse(result.started_at));
  const sentence = t.checked(countText(checked.accounts), countText(checked.transactions), countText(checked.calls), took);
  if (balanced) return <StateDot kind="running" word={t.balanced} cause={sentence} />;
  return (
    <>
      <Notice kind="bad" title={t.differs(differences.length)} alert>
        {sentence} {truncated ? t.truncated : ''}
      </Notice>
      <Differences differences={differences} />
    </>
  );
}

function Differences({ differences }: Pick<Reconciliation, 'differences'>) {
  const { columns } = t;
  const amount = (value: string | null) => (value === null ? operatorText.none : <Money amount={nanoUsd(value)} />);
  return (
    <div className={table.frame}>
      <table className={table.table}>
        <thead>
          <tr>
            {[columns.what, columns.account, columns.subject].map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
            {[columns.expected, columns.actual].map((column) => (
              <th key={column} scope="col" className={table.right}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {differences.map((difference) => (
            <tr key={`${difference.kind} ${difference.subject}`}>
              <td className={table.whole}>
                {difference.message}
                <span className={table.sub}>{difference.kind}</span>
              </td>
              <td data-l={columns.account}>{difference.account_id ?? operatorText.none}</td>
              <td data-l={columns.subject}>
                <span className="mono">{difference.subject}</span>
              </td>
              <td data-l={columns.expected} className={table.right}>
                {amount(difference.expected_nano_usd)}
              </td>
              <td data-l={columns.actual} className={table.right}>
                {amount(difference.actual_nano_usd)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
