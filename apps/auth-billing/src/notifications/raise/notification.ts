import {
  type BusEvent,
  newId,
  type NotificationKind,
  type NotificationRaised,
  type NotificationSeverity,
  type NotificationSubject,
  TOPIC,
} from '@ecolink/contracts';
import { EVENT_SOURCE } from '../../event-source.js';

/** What an account is to be told. Texts say what happened, how much is used, of which limit, and until when. */
export interface NewNotification {
  readonly accountId: string;
  readonly kind: NotificationKind;
  readonly severity: NotificationSeverity;
  readonly title: string;
  readonly text: string;
  readonly subject?: NotificationSubject;
  /** Names the cause, such as `budget:bud_1:2026-11-30:80`: an account is told of it once. Left out, each time counts. */
  readonly onceKey?: string;
}

export interface NotificationRow {
  readonly id: string;
  readonly kind: string;
  readonly severity: string;
  readonly title: string;
  readonly text: string;
  readonly subject: unknown;
  readonly createdAt: Date;
}

/** What goes out through a channel: a notification, or a test, whose kind is `test`. */
export type AlertMessage = Omit<NotificationRaised, 'kind'> & { readonly kind: string };

export function toRaised(notification: NewNotification, now: Date): NotificationRaised {
  const { accountId, kind, severity, title, text, subject, onceKey } = notification;
  const id = newId('ntf', now.getTime());
  return {
    notification_id: id,
    account_id: accountId,
    kind,
    severity,
    once_key: onceKey ?? id,
    title,
    text,
    instance_id: subject?.kind === 'instance' ? Number(subject.id) : null,
    ...(subject === undefined ? {} : { subject }),
    raised_at: now.toISOString(),
  };
}

/** The subject, also where only the instance is named. */
export function subjectOf({ subject, instance_id: instanceId }: NotificationRaised): NotificationSubject | undefined {
  return subject ?? (instanceId === null ? undefined : { kind: 'instance', id: String(instanceId) });
}

export function raisedEvent(data: NotificationRaised, now: Date): BusEvent<NotificationRaised> {
  return {
    id: newId('evt', now.getTime()),
    source: EVENT_SOURCE,
    topic: TOPIC.notificationRaised,
    key: data.account_id,
    occurredAt: now,
    data,
  };
}
