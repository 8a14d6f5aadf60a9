import { z } from 'zod';

/** `GET /healthz`: the process answers. */
export const healthReport = z.object({ status: z.literal('ok') });

/** `GET /readyz`: `reasons` while it cannot serve (503), `degraded` where it serves on old state (200). */
export const readinessReport = z.object({
  status: z.enum(['ok', 'unavailable']),
  reasons: z.array(z.string()),
  degraded: z.array(z.string()),
});

/** `GET /openapi.json`. */
export const openApiDocument = z.looseObject({ openapi: z.string() });
