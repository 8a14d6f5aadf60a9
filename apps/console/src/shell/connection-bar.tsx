import { UnstyledButton } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { sessionState, subscribeToSession } from '../api/session.js';
import type { LiveStream } from '../api/stream.js';
import { useZone } from '../features/session/queries.js';
import { clockTextWithSeconds } from '../format/time.js';
import { text } from '../text/index.js';
import styles from './shell.module.css';

/** A blip is over sooner than it can be read. */
const SHOWN_AFTER_MS = 2_000;
const TICK_MS = 1_000;

/** Says that the live stream is down, how old the page is, and when the next try is made. */
export function ConnectionBar({ stream }: { readonly stream: LiveStream }) {
  const { connected, heardAt, retryAt } = useSyncExternalStore(stream.subscribe, stream.status);
  const [lostAt, setLostAt] = useState<number>();
  const [now, setNow] = useState(() => Date.now());
  const zone = useZone();
  useEffect(() => {
    if (connected) {
      setLostAt(undefined);
      return;
    }
    setLostAt((at) => at ?? Date.now());
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [connected]);
  const session = useSyncExternalStore(subscribeToSession, sessionState);
  if (session === 'ended' || connected || lostAt === undefined || now - lostAt < SHOWN_AFTER_MS) return null;
  const seconds = Math.max(0, Math.ceil(((retryAt ?? now) - now) / 1_000));
  return (
    <div className={styles.lost} role="status">
      <IconPlugConnectedX size={16} stroke={1.7} aria-hidden="true" />
      <strong>{text.shell.lost}</strong>
      <span>{text.shell.lostSince(clockTextWithSeconds(heardAt, zone))}</span>
      <span aria-hidden="true">{text.shell.lostRetry(seconds)}</span>
      <UnstyledButton className={styles.lostRetry} onClick={stream.retry}>
        {text.shell.retryNow}
      </UnstyledButton>
    </div>
  );
}
