import { useQuery } from '@tanstack/react-query';
import { billingSummaryQuery } from '../features/billing/summary.js';
import { durationText } from '../format/duration.js';
import { moneyTextShort, nanoUsd } from '../format/money.js';
import { text } from '../text/index.js';
import { Money } from '../ui/money.js';
import styles from './balance-card.module.css';

const PERCENT = 100n;

/** Balance, what is being spent and how long it lasts; always in sight. */
export function BalanceCard() {
  const { data } = useQuery(billingSummaryQuery);
  if (data === undefined) return <div className={styles.card} aria-busy="true" aria-hidden="true" />;
  const balance = nanoUsd(data.balance_nano_usd);
  const held = nanoUsd(data.held_nano_usd);
  const burn = nanoUsd(data.burn_rate_nano_usd_per_hour);
  const whole = balance + held;
  const share = balance > 0n && whole > 0n ? Number((balance * PERCENT) / whole) : 0;
  const left = data.runs_out_at === null ? undefined : durationText(Date.parse(data.runs_out_at) - Date.now());
  return (
    <section className={styles.card} aria-label={text.shell.balance}>
      <div className={styles.row}>
        <span>{text.shell.balance}</span>
        <strong className={balance <= 0n ? styles.empty : undefined}>
          <Money amount={balance} short />
        </strong>
      </div>
      <svg className={styles.bar} viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true">
        <rect className={styles.track} width="100" height="3" />
        <rect className={styles.fill} width={share} height="3" />
      </svg>
      <div className={`${styles.row ?? ''} ${styles.quiet ?? ''}`}>
        <span>{left !== undefined ? text.shell.left(left) : burn > 0n ? '' : text.shell.noSpend}</span>
        {burn > 0n && (
          <span>
            {moneyTextShort(burn)}
            {text.shell.perHour}
          </span>
        )}
      </div>
    </section>
  );
}

/** The same on phones: the sum alone. */
export function BalanceFigure() {
  const { data } = useQuery(billingSummaryQuery);
  if (data === undefined) return null;
  return (
    <span className={styles.figure}>
      <span className="visually-hidden">{text.shell.balance} </span>
      <Money amount={nanoUsd(data.balance_nano_usd)} short />
    </span>
  );
}
