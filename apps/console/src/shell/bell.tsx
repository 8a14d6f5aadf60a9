import { ActionIcon, Button, Popover } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { placeOf } from '../features/notifications/place.js';
import {
  markAllRead,
  markRead,
  type Notification,
  notificationsQuery,
  unreadCountQuery,
} from '../features/notifications/queries.js';
import { useZone } from '../features/session/queries.js';
import { recentText } from '../format/time.js';
import { text } from '../text/index.js';
import styles from './bell.module.css';
import { useCriticalToast } from './use-critical-toast.js';

/** Unread count and the five newest messages. */
export function Bell() {
  const { data = [] } = useQuery(notificationsQuery);
  const queries = useQueryClient();
  const unread = useQuery(unreadCountQuery).data ?? 0;
  const [opened, setOpened] = useState(false);
  useCriticalToast(data);
  const refresh = (): void => void queries.invalidateQueries({ queryKey: ['notifications'] });
  // What could not be marked stays unread in the list, which is asked again either way.
  const readAll = (): void => void markAllRead().then(refresh, refresh);
  const open = (message: Notification): void => {
    setOpened(false);
    void markRead(message).then(refresh, refresh);
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={360} trapFocus withinPortal={false}>
      <Popover.Target>
        <ActionIcon
          size={32}
          className={styles.bell}
          onClick={() => setOpened((before) => !before)}
          aria-label={unread === 0 ? text.shell.bell : `${text.shell.bell}, ${text.shell.unread(unread)}`}
        >
          <IconBell size={18} stroke={1.6} />
          {unread > 0 && (
            <span className={styles.count} aria-hidden="true">
              {unread}
            </span>
          )}
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label={text.shell.messagesTitle}>
        <div className={styles.head}>
          <strong>{text.shell.messagesTitle}</strong>
          {unread > 0 && (
            <Button variant="subtle" size="xs" onClick={readAll}>
              {text.shell.markAllRead}
            </Button>
          )}
        </div>
        {data.length === 0 ? (
          <p className={styles.empty}>{text.shell.noMessages}</p>
        ) : (
          <Newest notifications={data} onOpen={open} />
        )}
        <Link to="/messages" className={styles.all} onClick={() => setOpened(false)}>
          {text.shell.allMessages}
        </Link>
      </Popover.Dropdown>
    </Popover>
  );
}

interface NewestProps {
  readonly notifications: readonly Notification[];
  readonly onOpen: (message: Notification) => void;
}

function Newest({ notifications, onOpen }: NewestProps) {
  const zone = useZone();
  return (
    <ul className={styles.list}>
      {notifications.map((notification) => (
        <li key={notification.id} className={notification.read_at === null ? styles.unread : styles.read}>
          <span className={styles.mark} data-severity={notification.severity} aria-hidden="true" />
          <span className={styles.words}>
            <Link {...placeOf(notification)} className={styles.title} onClick={() => onOpen(notification)}>
              {notification.title}
            </Link>
            {notification.text !== '' && <span className={styles.body}>{notification.text}</span>}
            <span className={styles.at}>{recentText(notification.created_at, zone)}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
