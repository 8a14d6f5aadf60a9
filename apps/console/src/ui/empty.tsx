import type { ComponentType, ReactNode } from 'react';
import styles from './empty.module.css';

interface EmptyProps {
  readonly icon: ComponentType<{ size: number; stroke: number }>;
  readonly title: string;
  readonly children: ReactNode;
  /** The page's one primary action stands here while there is nothing else to do. */
  readonly action?: ReactNode;
}

export function Empty({ icon: Icon, title, children, action }: EmptyProps) {
  return (
    <div className={styles.empty}>
      <span className={styles.icon} aria-hidden="true">
        <Icon size={20} stroke={1.6} />
      </span>
      <h2 className={styles.title}>{title}</h2>
      <div className={styles.body}>{children}</div>
      {action}
    </div>
  );
}
