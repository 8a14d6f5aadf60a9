import { z } from 'zod';
import { notificationKind, notificationSeverity, notificationSubject } from '../events/notification-raised.js';
import { listOf, listQueryWith } from './list.js';
import { resourceId } from './plain-text.js';

const READ_IDS_MAX = 100;

/** `GET /api/v1/notifications`. */
export const notificationsQuery = listQueryWith({
  kind: notificationKind.optional(),
  unread: z.literal('true').optional(),
});
export type NotificationsQuery = z.infer<typeof notificationsQuery>;

export const notificationView = z.object({
  id: z.string(),
  kind: z.string(),
  severity: notificationSeverity,
  title: z.string(),
  text: z.string(),
  subject: notificationSubject.nullable(),
  created_at: z.iso.datetime(),
  /** By the person who asks; management keys share one mark. */
  read_at: z.iso.datetime().nullable(),
});
export type NotificationView = z.infer<typeof notificationView>;

export const notificationList = listOf(notificationView).extend({ unread_count: z.int() });

/** `POST /api/v1/notifications/read`: some, or all there are. */
export const readNotifications = z
  .strictObject({
    ids: z.array(resourceId).min(1).max(READ_IDS_MAX).optional(),
    all: z.literal(true).optional(),
  })
  .refine(({ ids, all }) => (ids === undefined) !== (all === undefined), 'give either ids or all');
export type ReadNotifications = z.infer<typeof readNotifications>;

export const unreadNotifications = z.object({ unread_count: z.int() });
export type UnreadNotifications = z.infer<typeof unreadNotifications>;
