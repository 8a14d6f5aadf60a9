import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { operatorText as t } from '../../text/operator.js';
import { CopyField } from '../../ui/copy-field.js';
import styles from './change-dialog.module.css';
import { Dialog } from '../../ui/dialog.js';

interface OnceDialogProps {
  readonly title: string;
  readonly body: ReactNode;
  readonly value: string;
  readonly copyLabel: string;
  readonly onClose: () => void;
}

/** A secret that is shown once: it lives in this dialog only, and neither Esc nor a click outside closes it. */
export function OnceDialog({ title, body, value, copyLabel, onClose }: OnceDialogProps) {
  return (
    <Dialog onClose={onClose} title={title} size={520} closeOnEscape={false} closeOnClickOutside={false} withCloseButton={false}>
      <div className={styles.form}>
        <div className={styles.body}>{body}</div>
        <CopyField value={value} label={copyLabel} autoFocus />
        <div className={styles.actions}>
          <Button onClick={onClose}>{t.stored}</Button>
        </div>
      </div>
    </Dialog>
  );
}
