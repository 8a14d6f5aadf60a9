import { z } from 'zod';
import { openObject } from '../open-object.js';
import { callAttempt, CALL_ATTEMPTS_MAX } from './call-attempt.js';

/**
 * `ecolink.request.refused.v1`: a call with an account's key that was refused, or how many of a key were refused for one reason
 * above the rate at which each is kept. Key: account. Routers publish from memory: those of the last second are lost with their process.
 */
export const requestRefused = openObject({
  account_id: z.string().min(1).max(64),
  key_id: z.string().min(1).max(64),
  code: z.string().min(1).max(64),
  source: z.string().min(1).max(128).describe('The router: `router/<router_id>`.'),
  started_at: z.iso.datetime().describe('When the call came, or when the counted second began.'),
  counted: z.int().min(1).nullable().describe('How many were refused and not kept; `null` for one that is kept.'),
  request_id: z.string().max(128).nullable(),
  source_tag: z.string().max(128).nullable(),
  model: z.string().max(512).nullable().describe('As the client wrote it, where that was read.'),
  endpoint: z.string().max(512),
  status: z.int().min(0).max(999),
  duration_ms: z.number().min(0),
  attempts: z.array(callAttempt).max(CALL_ATTEMPTS_MAX),
});
export type RequestRefused = z.infer<typeof requestRefused>;
