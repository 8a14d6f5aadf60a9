import { moneyParts, moneyText } from '../format/money.js';
import styles from './money.module.css';

interface MoneyProps {
  readonly amount: bigint;
  /** Credits carry a plus and are green. */
  readonly asChange?: boolean;
  /** Of the column, so that decimal points align: how many digits the longest amount has beyond its cents. */
  readonly padTo?: number;
  /** Two decimals only; the exact amount is in the tooltip. */
  readonly short?: boolean;
}

/** An exact amount: two decimals, what is beyond muted. Copying gives the exact value. */
export function Money({ amount, asChange = false, padTo = 0, short = false }: MoneyProps) {
  const { sign, main, rest } = moneyParts(amount, { withPlus: asChange });
  const exact = moneyText(amount, { withPlus: asChange });
  return (
    <span className={asChange && amount > 0n ? styles.credit : styles.money} title={short && rest !== '' ? exact : undefined}>
      {sign}
      {main}
      {rest !== '' && !short && <span className={styles.rest}>{rest}</span>}
      {padTo > rest.length && (
        <span className={styles.pad} aria-hidden="true">
          {'0'.repeat(padTo - rest.length)}
        </span>
      )}
    </span>
  );
}
