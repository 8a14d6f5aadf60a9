import { moneyTextShort, nanoUsd } from '../../format/money.js';
import { text } from '../../text/index.js';
import table from '../../ui/table.module.css';
import type { Budget } from '../billing/queries.js';
import styles from './key-budget.module.css';

const PERCENT = 100n;
const NEAR = 90;

/** What a key has spent of each of its budgets; from 90 % on in amber. */
export function KeyBudget({ budgets }: { readonly budgets: readonly Budget[] }) {
  if (budgets.length === 0) return <span className={table.quiet}>{text.ui.none}</span>;
  return (
    <>
      {budgets.map((budget) => {
        const limit = nanoUsd(budget.limit_nano_usd) + nanoUsd(budget.raised_nano_usd);
        const spent = nanoUsd(budget.spent_nano_usd);
        const percent = limit > 0n ? Math.min(Number(PERCENT), Number((spent * PERCENT) / limit)) : Number(PERCENT);
        return (
          <span key={budget.id} className={styles.budget}>
            <span>
              {moneyTextShort(spent)}{' '}
              <span className={table.quiet}>{text.keys.ofBudget(moneyTextShort(limit), budget.period)}</span>
            </span>
            <svg className={styles.bar} viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
              <rect className={styles.track} width="100" height="4" />
              <rect className={percent >= NEAR ? styles.near : styles.spent} width={percent} height="4" />
            </svg>
          </span>
        );
      })}
    </>
  );
}
