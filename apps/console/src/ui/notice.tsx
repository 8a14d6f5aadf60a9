import { IconAlertTriangle, IconClock, IconInfoCircle } from '@tabler/icons-react';
import type { ComponentType, ReactNode } from 'react';
import styles from './notice.module.css';

export type NoticeKind = 'bad' | 'warn' | 'info';

interface NoticeProps {
  readonly kind: NoticeKind;
  readonly title: string;
  readonly children?: ReactNode;
  /** The API's own word for it, in mono: `402 insufficient_balance`. */
  readonly code?: string;
  readonly actions?: ReactNode;
  readonly icon?: ComponentType<{ size: number; stroke: number }>;
  /** Read out as soon as it appears; for refusals. */
  readonly alert?: boolean;
}

const ICONS = { bad: IconAlertTriangle, warn: IconClock, info: IconInfoCircle };

export function Notice({ kind, title, children, code, actions, icon, alert = false }: NoticeProps) {
  const Icon = icon ?? ICONS[kind];
  return (
    <div className={`${styles.notice ?? ''} ${styles[kind] ?? ''}`} role={alert ? 'alert' : undefined}>
      <span className={styles.icon} aria-hidden="true">
        <Icon size={18} stroke={1.7} />
      </span>
      <div className={styles.words}>
        <div className={styles.title}>{title}</div>
        {(children !== undefined || code !== undefined) && (
          <div className={styles.body}>
            {children} {code !== undefined && <code className={styles.code}>{code}</code>}
          </div>
        )}
      </div>
      {actions !== undefined && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
