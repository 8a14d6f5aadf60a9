import { z } from 'zod';

/** `GET /admin/v1/overview`: what an operator looks at first. Figures of calls are those of the last minute. */
export const overview = z.object({
  at: z.iso.datetime(),
  calls: z.object({
    per_second: z.number(),
    refused_per_second: z.number(),
    /** Answers of 500 and above, refusals included, of all answers; null without any. */
    error_ratio: z.number().nullable(),
    ttft_ms: z.object({ p50: z.number().nullable(), p95: z.number().nullable() }),
  }),
  billing: z.object({
    /** From the end of a call to its posting, of calls posted in the last minute; null without any. */
    posting_lag_ms: z.object({ p50: z.number().nullable(), max: z.number().nullable() }),
    dead_letters_waiting: z.int(),
  }),
  ledger: z.object({
    /** What the continuous verifier has found and not seen repaired. */
    problems: z.int(),
    /** When it was last through with all of it; null before the first time. */
    verified_at: z.iso.datetime().nullable(),
  }),
  /** Routers that have asked for their state in the last two minutes. */
  routers: z.array(
    z.object({
      router_id: z.string(),
      seen_at: z.iso.datetime(),
      /** Since its owner last confirmed each part of the router's state, when it was last seen. */
      state_age_ms: z.record(z.string(), z.int()),
    }),
  ),
});
export type Overview = z.infer<typeof overview>;
