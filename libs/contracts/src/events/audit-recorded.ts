import { z } from 'zod';
import { openObject } from '../open-object.js';

export const auditActor = openObject({
  kind: z.enum(['user', 'key', 'operator', 'system']),
  id: z.string(),
});

const auditedValues = z.record(z.string(), z.unknown()).nullable();

/**
 * `ecolink.audit.recorded.v1`: somebody changed a thing of an account in a service that does not keep the account's audit log. Key:
 * `account_id`. The event's id is the entry's: what is heard twice stands in the log once. Holds no secret.
 */
export const auditRecorded = openObject({
  entry_id: z.string(),
  account_id: z.string(),
  at: z.iso.datetime(),
  actor: auditActor,
  action: z.string().describe('`noun.verb`, for example `instance.stopped`.'),
  target: z.string().describe('The id of what was changed.'),
  before: auditedValues.describe('What of it changed, as it was; null where there was nothing.'),
  after: auditedValues.describe('The same as it is now; null where there is nothing any more.'),
  request_id: z.string().nullable(),
});
export type AuditRecorded = z.infer<typeof auditRecorded>;
