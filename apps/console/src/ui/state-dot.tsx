import type { ReactNode } from 'react';
import styles from './state-dot.module.css';

export type DotKind = 'running' | 'degraded' | 'failed' | 'starting' | 'stopped';

interface StateDotProps {
  readonly kind: DotKind;
  readonly word: string;
  /** Cause and age, on a line of their own. */
  readonly cause?: ReactNode;
}

/** Shape, then word, then cause: a state is never told by colour alone. */
export function StateDot({ kind, word, cause }: StateDotProps) {
  const quiet = kind === 'stopped';
  return (
    <span className={styles.state}>
      <span className={`${styles.dot ?? ''} ${styles[kind] ?? ''}`} aria-hidden="true" />
      <span className={styles.words}>
        <span className={quiet ? styles.quiet : undefined}>{word}</span>
        {cause !== undefined && cause !== '' && <span className={styles.cause}>{cause}</span>}
      </span>
    </span>
  );
}
