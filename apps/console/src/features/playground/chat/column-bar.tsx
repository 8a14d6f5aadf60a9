import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconAdjustmentsHorizontal, IconPlus, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { text } from '../../../text/index.js';
import styles from './chat.module.css';

interface ColumnBarProps {
  readonly picker: ReactNode;
  readonly note: ReactNode;
  readonly conversations: ReactNode;
  /** Where the rail does not fit beside the conversation. */
  readonly onSettings: (() => void) | undefined;
  /** Of a comparison: takes this column away. */
  readonly onClose: (() => void) | undefined;
  readonly onFresh: () => void;
}

/** Above a conversation: model, what it costs, and the conversation's own actions. */
export function ColumnBar({ picker, note, conversations, onSettings, onClose, onFresh }: ColumnBarProps) {
  const t = text.playground;
  return (
    <div className={styles.bar}>
      {picker}
      {note}
      <span className={styles.barEnd}>
        {conversations}
        {onSettings !== undefined && (
          <Tooltip label={t.settingsOpen}>
            <ActionIcon aria-label={t.settingsOpen} onClick={onSettings}>
              <IconAdjustmentsHorizontal size={17} stroke={1.6} />
            </ActionIcon>
          </Tooltip>
        )}
        {onClose === undefined ? (
          <Button
            variant="subtle"
            size="xs"
            leftSection={<IconPlus size={15} stroke={1.7} aria-hidden="true" />}
            onClick={onFresh}
          >
            {t.newChat}
          </Button>
        ) : (
          <ActionIcon aria-label={t.closeColumn} onClick={onClose}>
            <IconX size={16} stroke={1.7} />
          </ActionIcon>
        )}
      </span>
    </div>
  );
}
