import { z } from 'zod';
import { openObject } from '../open-object.js';

export const NOTIFICATION_KINDS = [
  'balance_low',
  'partial_hold',
  'instance_terminated',
  'invite_accepted',
  'budget_threshold',
  'key_expiring',
  'auto_recharge_failed',
  'payment_disputed',
  'channel_disabled',
] as const;
export const notificationKind = z.enum(NOTIFICATION_KINDS);
export type NotificationKind = z.infer<typeof notificationKind>;

export const notificationSeverity = z.enum(['info', 'warning', 'critical']);
export type NotificationSeverity = z.infer<typeof notificationSeverity>;

export const notificationSubject = openObject({ kind: z.string(), id: z.string() });
export type NotificationSubject = z.infer<typeof notificationSubject>;

/** `ecolink.notification.raised.v1`: something that an account's people should hear of. Key: `account_id`. */
export const notificationRaised = openObject({
  notification_id: z.string(),
  account_id: z.string(),
  kind: notificationKind,
  severity: notificationSeverity,
  once_key: z.string().describe('Two with the same account and key are one: what is raised again is not shown again.'),
  title: z.string(),
  text: z.string(),
  instance_id: z.int().nullable(),
  subject: notificationSubject.optional().describe('What it is about, such as a key, a budget or a channel.'),
  raised_at: z.iso.datetime(),
});
export type NotificationRaised = z.infer<typeof notificationRaised>;
