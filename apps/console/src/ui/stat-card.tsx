import type { ReactNode } from 'react';
import styles from './stat-card.module.css';

interface StatCardProps {
  readonly label: string;
  readonly value: ReactNode;
  readonly children?: ReactNode;
}

export function StatCard({ label, value, children }: StatCardProps) {
  return (
    <section className={styles.card}>
      <h2 className={styles.label}>{label}</h2>
      <div className={styles.value}>{value}</div>
      {children !== undefined && <div className={styles.note}>{children}</div>}
    </section>
  );
}
