import { z } from 'zod';
import { notificationKind } from '../events/notification-raised.js';
import { listOf } from './list.js';
import { emailAddress } from './session.js';

const URL_LENGTH_MAX = 2_048;

const webhookUrl = z.string().min(1).max(URL_LENGTH_MAX);
/** Which kinds the channel is told; every kind, also of later releases, where it is left out. */
const kinds = z.array(notificationKind).min(1).max(100).nullable();

/** `POST /api/v1/alert-channels`. */
export const createAlertChannel = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('email'), address: emailAddress, notifications: kinds.optional() }),
  z.strictObject({ kind: z.literal('webhook'), url: webhookUrl, notifications: kinds.optional() }),
]);
export type CreateAlertChannel = z.infer<typeof createAlertChannel>;

/** `PATCH /api/v1/alert-channels/{id}`. `status: active` brings a disabled channel back. */
export const patchAlertChannel = z
  .strictObject({
    notifications: kinds.optional(),
    status: z.enum(['active', 'disabled']).optional(),
    address: emailAddress.optional(),
    url: webhookUrl.optional(),
  })
  .refine((patch) => Object.values(patch).some((value) => value !== undefined), 'nothing to change: give at least one field');
export type PatchAlertChannel = z.infer<typeof patchAlertChannel>;

export const alertChannelView = z.object({
  id: z.string(),
  kind: z.enum(['email', 'webhook']),
  address: z.string().nullable(),
  url: z.string().nullable(),
  notifications: z.array(z.string()).nullable(),
  status: z.enum(['active', 'disabled']),
  /** Why it is disabled. */
  status_reason: z.string().nullable(),
  created_by: z.string(),
  created_at: z.iso.datetime(),
});
export type AlertChannelView = z.infer<typeof alertChannelView>;

export const alertChannelList = listOf(alertChannelView);

/** A webhook's signing secret (`whsec_…`, Standard Webhooks) is in this answer only. */
export const createdAlertChannel = alertChannelView.extend({ secret: z.string().optional() });
export type CreatedAlertChannel = z.infer<typeof createdAlertChannel>;

export const alertDeliveryView = z.object({
  id: z.string(),
  /** Null for a test. */
  notification_id: z.string().nullable(),
  kind: z.string(),
  status: z.enum(['pending', 'delivered', 'failed']),
  attempts: z.int(),
  /** Of a webhook's last answer. */
  response_status: z.int().nullable(),
  problem: z.string().nullable(),
  created_at: z.iso.datetime(),
  last_attempt_at: z.iso.datetime().nullable(),
  next_attempt_at: z.iso.datetime().nullable(),
});
export type AlertDeliveryView = z.infer<typeof alertDeliveryView>;

export const alertDeliveryList = listOf(alertDeliveryView);
