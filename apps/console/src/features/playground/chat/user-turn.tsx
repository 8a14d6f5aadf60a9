import { ActionIcon, Button } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { memo, useState } from 'react';
import { text } from '../../../text/index.js';
import styles from './chat.module.css';
import type { UserTurn as Turn } from './turn.js';

interface UserTurnProps {
  readonly turn: Turn;
  readonly editing: boolean;
  readonly onEditing: (id: string | undefined) => void;
  readonly onEdit: (id: string, message: string) => void;
}

/** What the person said; editing it forks the conversation from there. */
export const UserTurn = memo(function UserTurn({ turn, editing, onEditing, onEdit }: UserTurnProps) {
  if (editing) return <Editor turn={turn} onEditing={onEditing} onEdit={onEdit} />;
  return (
    <div className={styles.user}>
      <ActionIcon className={styles.edit} aria-label={text.playground.edit} onClick={() => onEditing(turn.id)}>
        <IconPencil size={15} stroke={1.6} />
      </ActionIcon>
      <div className={styles.bubble}>
        <span className="visually-hidden">{text.playground.you}: </span>
        {turn.images.map((url, index) => (
          <img key={index} src={url} alt={text.playground.picture} className={styles.picture} />
        ))}
        {turn.text}
      </div>
    </div>
  );
});

function Editor({ turn, onEditing, onEdit }: Omit<UserTurnProps, 'editing'>) {
  const [message, setMessage] = useState(turn.text);
  const save = (): void => {
    if (message.trim() === '') return;
    onEditing(undefined);
    onEdit(turn.id, message);
  };
  return (
    <div className={styles.editor}>
      <textarea
        className={styles.editorArea}
        value={message}
        aria-label={text.playground.edit}
        rows={Math.min(10, message.split('\n').length + 1)}
        ref={(element) => element?.focus()}
        onChange={(event) => setMessage(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onEditing(undefined);
          if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault();
            save();
          }
        }}
      />
      <div className={styles.editorActions}>
        <Button size="xs" variant="default" onClick={() => onEditing(undefined)}>
          {text.ui.cancel}
        </Button>
        <Button size="xs" onClick={save}>
          {text.playground.saveEdit}
        </Button>
      </div>
    </div>
  );
}
