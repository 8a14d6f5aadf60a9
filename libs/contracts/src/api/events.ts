import { z } from 'zod';
import { TOPICS } from '../topics.js';
import { listOf, listQueryWith, queryLimit } from './list.js';
import { resourceId } from './plain-text.js';

const topicName = z
  .string()
  .refine((name) => TOPICS.some((topic) => topic.name === name), 'is not a topic of this product')
  .meta({ enum: TOPICS.map((topic) => topic.name) });

/** `GET /admin/v1/events`. `after` is the `cursor` of an earlier answer, or the id of an event. */
export const eventsQuery = z.strictObject({
  topic: topicName,
  after: z.string().min(1).max(4_096).optional(),
  limit: queryLimit(100, 1_000),
});
export type EventsQuery = z.infer<typeof eventsQuery>;

export const eventView = z.object({
  id: z.string(),
  source: z.string(),
  type: z.string(),
  key: z.string(),
  time: z.iso.datetime(),
  partition: z.int(),
  position: z.string(),
  data: z.unknown(),
});
export type EventView = z.infer<typeof eventView>;

export const eventPage = z.object({
  object: z.literal('list'),
  data: z.array(eventView),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
  /** The place behind the last event; pass it as `after` to go on. */
  cursor: z.string(),
  has_more: z.boolean(),
});
export type EventPage = z.infer<typeof eventPage>;

/** `GET /admin/v1/audit-log`. */
export const auditLogQuery = listQueryWith({ admin_name: resourceId.optional() });
export type AuditLogQuery = z.infer<typeof auditLogQuery>;

export const auditEntryView = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  admin_name: z.string(),
  service: z.string(),
  method: z.string(),
  path: z.string(),
  /** Null while the call runs, or where the process ended during it. */
  status: z.int().nullable(),
  /** The id of what the call changed; null where it changed nothing. */
  target: z.string().nullable(),
  /** What of it changed, as it was and as it is now; no secret. */
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
  request_id: z.string().nullable(),
});
export type AuditEntryView = z.infer<typeof auditEntryView>;

export const auditLog = listOf(auditEntryView);

/** `GET /admin/v1/dead-letters`. */
export const deadLettersQuery = listQueryWith({
  group: resourceId.optional(),
  topic: resourceId.optional(),
});
export type DeadLettersQuery = z.infer<typeof deadLettersQuery>;

export const deadLetterView = z.object({
  id: z.string(),
  /** The consumer that gave it up. */
  group: z.string(),
  topic: z.string(),
  event_id: z.string(),
  source: z.string(),
  key: z.string(),
  occurred_at: z.iso.datetime(),
  reason: z.string(),
  attempts: z.int(),
  created_at: z.iso.datetime(),
  replayed_at: z.iso.datetime().nullable(),
  data: z.unknown(),
});
export type DeadLetterView = z.infer<typeof deadLetterView>;

export const deadLetterList = listOf(deadLetterView);
