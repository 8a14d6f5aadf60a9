import { type BusEvent, newId, type NotificationRaised, TOPIC } from '@ecolink/contracts';
import { EVENT_SOURCE } from './event-source.js';

export type NotificationParts = Pick<NotificationRaised, 'account_id' | 'kind' | 'severity' | 'once_key' | 'title' | 'text'> & {
  readonly instance_id?: number;
};

/** Something that an account's people should hear of, on its way to whatever shows and sends it. */
export function notificationEvent(parts: NotificationParts, now: Date): BusEvent<NotificationRaised> {
  const id = newId('ntf', now.getTime());
  const { instance_id = null, ...rest } = parts;
  return {
    id,
    source: EVENT_SOURCE,
    topic: TOPIC.notificationRaised,
    key: parts.account_id,
    occurredAt: now,
    data: { notification_id: id, ...rest, instance_id, raised_at: now.toISOString() },
  };
}
