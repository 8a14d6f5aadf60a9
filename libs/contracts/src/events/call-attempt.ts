import { z } from 'zod';
import { openObject } from '../open-object.js';

/** One try of a call in one region. Only calls that were tried more than once, or failed, carry their attempts. */
export const callAttempt = openObject({
  region: z.string().max(64),
  outcome: z.enum(['answered', 'failed']),
  code: z.string().max(64).nullable().describe('The status of an answer, or what failed: `connect_failed`, `timeout`, …'),
  started_ms: z.number().min(0).describe('After the call came.'),
  duration_ms: z.number().min(0),
});
export type CallAttempt = z.infer<typeof callAttempt>;

/** More tries than a call can have: one in each region and one more. */
export const CALL_ATTEMPTS_MAX = 64;
