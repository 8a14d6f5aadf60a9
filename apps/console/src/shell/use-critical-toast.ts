import { notifications } from '@mantine/notifications';
import { useEffect, useRef } from 'react';
import type { Notification } from '../features/notifications/queries.js';

/** A critical message that comes while the page is open stays in sight until it is closed; others do not interrupt. */
export function useCriticalToast(newest: readonly Notification[]): void {
  const seenUntil = useRef<string>(undefined);
  useEffect(() => {
    const last = newest[0]?.created_at;
    const before = seenUntil.current;
    if (last === undefined) return;
    seenUntil.current = last;
    if (before === undefined) return;
    for (const { id, severity, title, text, created_at, read_at } of newest) {
      if (severity !== 'critical' || read_at !== null || created_at <= before) continue;
      notifications.show({ id, title, message: text, color: 'red', autoClose: false });
    }
  }, [newest]);
}
