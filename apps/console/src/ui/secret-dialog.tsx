import { Button, Checkbox } from '@mantine/core';
import { IconShieldLock } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { text } from '../text/index.js';
import { copyText } from './copy-text.js';
import { Dialog } from './dialog.js';
import { Notice } from './notice.js';
import styles from './secret-dialog.module.css';

interface SecretDialogProps {
  readonly title: string;
  /** Why it must be stored now. */
  readonly warning: string;
  readonly secret: string;
  readonly copyLabel: string;
  /** The sentence that is agreed to before the dialog can be closed. */
  readonly stored: string;
  readonly children?: ReactNode;
  readonly onDone: () => void;
}

/** A secret that is shown once. Neither Esc nor a click outside closes it; it lives in this dialog only. */
export function SecretDialog({ title, warning, secret, copyLabel, stored, children, onDone }: SecretDialogProps) {
  const [isStored, setIsStored] = useState(false);
  const [isCopied, setIsCopied] = useState(false);
  return (
    <Dialog
      onClose={() => undefined}
      title={title}
      size={620}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      <div className={styles.stack}>
        <Notice kind="warn" title={warning} icon={IconShieldLock} />
        <div className={styles.secret}>
          <code className={styles.value}>{secret}</code>
          <Button data-autofocus onClick={() => void copyText(secret).then(setIsCopied)}>
            {isCopied ? text.ui.copied : copyLabel}
          </Button>
        </div>
        {children}
        <div className={styles.actions}>
          <Checkbox label={stored} checked={isStored} onChange={(event) => setIsStored(event.currentTarget.checked)} />
          <Button disabled={!isStored} onClick={onDone}>
            {text.ui.done}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
