import { CopyButton } from './copy-button.js';
import styles from './copy-field.module.css';

interface CopyFieldProps {
  readonly value: string;
  readonly label: string;
  readonly autoFocus?: boolean;
}

/** A value to paste elsewhere, whole and in mono, with its copy button. */
export function CopyField({ value, label, autoFocus = false }: CopyFieldProps) {
  return (
    <div className={styles.field}>
      <code className={styles.value}>{value}</code>
      <CopyButton value={value} label={label} autoFocus={autoFocus} />
    </div>
  );
}
