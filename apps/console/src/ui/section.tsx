import type { ReactNode } from 'react';
import styles from './section.module.css';

interface SectionProps {
  readonly title: string;
  /** A count, and what the section is about. */
  readonly count?: number | undefined;
  readonly note?: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A framed part of a page with a heading; tables stand in it without a frame of their own. */
export function Section({ title, count, note, actions, children }: SectionProps) {
  return (
    <section className={styles.section}>
      <div className={styles.head}>
        <h2 className={styles.title}>{title}</h2>
        {count !== undefined && <span className={styles.note}>{count}</span>}
        {note !== undefined && <p className={styles.note}>{note}</p>}
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </div>
      {children}
    </section>
  );
}

/** The padding of what is no table. */
export function SectionBody({ children }: { readonly children: ReactNode }) {
  return <div className={styles.body}>{children}</div>;
}
