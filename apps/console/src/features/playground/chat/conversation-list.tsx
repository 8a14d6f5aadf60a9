import { ActionIcon, Popover, Tooltip, UnstyledButton } from '@mantine/core';
import { IconHistory, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { recentText } from '../../../format/time.js';
import { text } from '../../../text/index.js';
import { useZone } from '../../session/queries.js';
import styles from './chat.module.css';
import { deleteConversation, listConversations } from './conversations.js';
import type { Conversation } from './turn.js';

interface ConversationListProps {
  readonly accountId: string;
  readonly onOpen: (id: string) => void;
}

/** The account's conversations in this browser. */
export function ConversationList({ accountId, onOpen }: ConversationListProps) {
  const [opened, setOpened] = useState(false);
  const [conversations, setConversations] = useState<readonly Conversation[]>([]);
  const zone = useZone();
  const load = (): void => void listConversations(accountId).then(setConversations, () => setConversations([]));
  const toggle = (): void => {
    if (!opened) load();
    setOpened(!opened);
  };
  const t = text.playground;
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={340} trapFocus withinPortal={false}>
      <Popover.Target>
        <Tooltip label={t.conversations}>
          <ActionIcon aria-label={t.conversations} aria-expanded={opened} onClick={toggle}>
            <IconHistory size={17} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p={6} mah={420} style={{ overflowY: 'auto' }} aria-label={t.conversations}>
        {conversations.length === 0 && <p className={styles.section}>{t.noConversations}</p>}
        {conversations.map(({ id, title, updatedAt, model }) => (
          <div key={id} className={styles.conversation}>
            <UnstyledButton
              className={styles.conversationOpen}
              onClick={() => {
                setOpened(false);
                onOpen(id);
              }}
            >
              <span className={styles.conversationTitle}>{title === '' ? t.untitled : title}</span>
              <span className={styles.quiet}>
                {model} · {recentText(updatedAt, zone)}
              </span>
            </UnstyledButton>
            <ActionIcon aria-label={t.deleteConversation(title)} onClick={() => void deleteConversation(id).then(load)}>
              <IconTrash size={15} stroke={1.6} />
            </ActionIcon>
          </div>
        ))}
      </Popover.Dropdown>
    </Popover>
  );
}
