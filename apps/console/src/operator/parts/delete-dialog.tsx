import { operatorText } from '../../text/operator.js';
import { ChangeDialog } from './change-dialog.js';

interface DeleteDialogProps {
  readonly title: string;
  readonly body: string;
  readonly action: string;
  /** Is typed, since there is no way back. */
  readonly name: string;
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
  /** Of the call, as the audit log writes it. */
  readonly path: string;
  readonly changes: readonly string[];
}

/** Asks for the name of what is to go for good. */
export function DeleteDialog({ title, body, action, name, onConfirm, onClose, path, changes }: DeleteDialogProps) {
  return (
    <ChangeDialog
      title={title}
      body={body}
      action={action}
      danger
      fields={[{ name: 'typed', label: operatorText.accounts.typeName(name), isWide: true }]}
      validate={({ typed = '' }) => (typed.trim() === name ? {} : { typed: operatorText.errors.typed })}
      onConfirm={onConfirm}
      onClose={onClose}
      audited={() => ({ method: 'DELETE', path })}
      changes={changes}
    />
  );
}
