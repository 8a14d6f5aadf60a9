import { queryOptions, useQuery } from '@tanstack/react-query';
import { take } from '../../api/client.js';
import { toProblem } from '../../api/problem.js';
import { moneyText, nanoUsd } from '../../format/money.js';
import { dateTimeText } from '../../format/time.js';
import { operatorText } from '../../text/operator.js';
import { Money } from '../../ui/money.js';
import { Notice } from '../../ui/notice.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { RowsLoading } from '../../ui/rows-loading.js';
import { StateDot } from '../../ui/state-dot.js';
import table from '../../ui/table.module.css';
import { adminApi } from '../api.js';
import styles from './trial-balance.module.css';

const t = operatorText.ledger;

const trialBalanceQuery = queryOptions({
  queryKey: ['ledger', 'trial-balance'],
  queryFn: () => take(adminApi.GET('/admin/v1/ledger/trial-balance')),
  refetchOnWindowFocus: false,
});

/** Whether the books balance, in one sentence; on request with the sum of each ledger account. */
export function TrialBalance({ withAccounts = false }: { readonly withAccounts?: boolean }) {
  const { data, error } = useQuery(trialBalanceQuery);
  if (data === undefined) return error === null ? <RowsLoading rows={1} /> : <ProblemNotice problem={toProblem(error)} />;
  const { at, balanced, total_nano_usd, ledger_accounts: accounts, problems } = data;
  const sentence = t.sentence(dateTimeText(at), moneyText(nanoUsd(total_nano_usd)), accounts.length);
  return (
    <section className={styles.balance} aria-label={t.trialBalance}>
      {balanced ? (
        <StateDot kind="running" word={t.balanced} cause={sentence} />
      ) : (
        <Notice kind="bad" title={t.unbalanced} alert>
          {sentence} {problems.join(' ')}
        </Notice>
      )}
      {withAccounts && accounts.length > 0 && (
        <details>
          <summary>{t.accounts}</summary>
          <table className={table.table}>
            <thead>
              <tr>
                <th scope="col">{t.columns.ledgerAccount}</th>
                <th scope="col" className={table.right}>
                  {t.columns.amount}
                </th>
              </tr>
            </thead>
            <tbody>
              {accounts.map(({ ledger_account, amount_nano_usd }) => (
                <tr key={ledger_account}>
                  <td data-l={t.columns.ledgerAccount}>
                    <span className="mono">{ledger_account}</span>
                  </td>
                  <td data-l={t.columns.amount} className={table.right}>
                    <Money amount={nanoUsd(amount_nano_usd)} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </section>
  );
}
