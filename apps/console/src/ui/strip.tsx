import type { ReactNode } from 'react';
import styles from './strip.module.css';

export interface StripItem {
  readonly label: string;
  readonly value: ReactNode;
  /** Muted, right after the value: `/h`. */
  readonly unit?: string;
}

/** Figures of a page in one row of cells. */
export function Strip({ items }: { readonly items: readonly StripItem[] }) {
  return (
    <dl className={styles.strip}>
      {items.map(({ label, value, unit }) => (
        <div key={label} className={styles.cell}>
          <dt className={styles.label}>{label}</dt>
          <dd className={styles.value}>
            {value}
            {unit !== undefined && <span className={styles.unit}>{unit}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
