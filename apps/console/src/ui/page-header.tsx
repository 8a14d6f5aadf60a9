import type { ReactNode } from 'react';
import styles from './page-header.module.css';

interface PageHeaderProps {
  readonly title: ReactNode;
  /** A count or state, muted beside the title. */
  readonly note?: ReactNode;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** The 52 px line above a page: its one heading, and what the page is for. The bell stands at its end. */
export function PageHeader({ title, note, children, actions }: PageHeaderProps) {
  return (
    <div className={styles.header}>
      <div className={styles.head}>
        <h1 className={styles.title}>{title}</h1>
        {note !== undefined && <span className={styles.note}>{note}</span>}
      </div>
      {children}
      <div className={styles.actions}>{actions}</div>
    </div>
  );
}
