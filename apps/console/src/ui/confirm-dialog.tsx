import { Button, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { text } from '../text/index.js';
import styles from './confirm-dialog.module.css';
import { Dialog } from './dialog.js';
import { ProblemNotice, type ProblemNoticeProps } from './problem-notice.js';

interface ConfirmDialogProps {
  readonly title: string;
  /** What it costs, refunds or ends. */
  readonly body: ReactNode;
  readonly action: string;
  readonly danger?: boolean;
  /** Must be typed for what is final. */
  readonly typed?: { readonly value: string; readonly label: string };
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
}

/** Asks before something is changed; says what follows, and why it was refused. */
export function ConfirmDialog({ title, body, action, danger = false, typed, onConfirm, onClose }: ConfirmDialogProps) {
  const [problem, setProblem] = useState<ProblemNoticeProps['problem']>();
  const [busy, setBusy] = useState(false);
  const [entered, setEntered] = useState('');
  const confirm = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (thrown) {
      const {
        status = 0,
        code = 'connection_failed',
        message = '',
        requestId = null,
      } = thrown as Partial<ProblemNoticeProps['problem']>;
      setProblem({ status, code, message, requestId });
      setBusy(false);
    }
  };
  return (
    <Dialog onClose={onClose} title={title} size={460}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void confirm();
        }}
      >
        <div className={styles.body}>{body}</div>
        {typed !== undefined && (
          <TextInput
            label={typed.label}
            value={entered}
            onChange={(event) => setEntered(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
        )}
        {problem !== undefined && <ProblemNotice problem={problem} />}
        <div className={styles.actions}>
          <Button variant="default" onClick={onClose}>
            {text.ui.cancel}
          </Button>
          <Button
            type="submit"
            {...(danger ? { color: 'red' } : {})}
            loading={busy}
            disabled={typed !== undefined && entered.trim() !== typed.value}
            data-autofocus={typed === undefined || undefined}
          >
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
