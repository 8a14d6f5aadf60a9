import type { ReactNode } from 'react';
import styles from './meta-line.module.css';

export interface MetaItem {
  readonly key: string;
  readonly value: ReactNode;
  readonly unit?: string;
  /** The better one of two: green and bold. */
  readonly best?: boolean;
}

interface MetaLineProps {
  readonly lead?: ReactNode;
  readonly items: readonly MetaItem[];
  readonly actions?: ReactNode;
}

/** What an answer took: region, times, tokens and cost, with what can be done with it. */
export function MetaLine({ lead, items, actions }: MetaLineProps) {
  return (
    <div className={styles.line}>
      <div className={styles.items}>
        {lead}
        {items.map(({ key, value, unit, best }) => (
          <span key={key} className={best === true ? styles.best : styles.item}>
            {value}
            {unit !== undefined && <span className={styles.unit}> {unit}</span>}
          </span>
        ))}
      </div>
      {actions !== undefined && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
