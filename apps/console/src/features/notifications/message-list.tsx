import { Link } from '@tanstack/react-router';
import { recentText } from '../../format/time.js';
import { text } from '../../text/index.js';
import { useZone } from '../session/queries.js';
import styles from './messages.module.css';
import { placeOf } from './place.js';
import type { Notification } from './queries.js';

interface MessageListProps {
  readonly messages: readonly Notification[];
  readonly onOpen: (message: Notification) => void;
}

/** Each with its mark, what it says and when; its title leads to what it is about. */
export function MessageList({ messages, onOpen }: MessageListProps) {
  const zone = useZone();
  return (
    <ul className={styles.list}>
      {messages.map((message) => {
        const isUnread = message.read_at === null;
        return (
          <li key={message.id} className={isUnread ? styles.unread : styles.read}>
            <span className={styles.mark} data-severity={message.severity} aria-hidden="true" />
            <div className={styles.words}>
              <Link {...placeOf(message)} className={styles.title} onClick={() => onOpen(message)}>
                <span className="visually-hidden">
                  {isUnread ? `${text.messages.unread}, ` : ''}
                  {text.messages.severities[message.severity]}:{' '}
                </span>
                {message.title}
              </Link>
              {message.text !== '' && <p className={styles.body}>{message.text}</p>}
            </div>
            <time className={styles.at} dateTime={message.created_at}>
              {recentText(message.created_at, zone)}
            </time>
          </li>
        );
      })}
    </ul>
  );
}
