import { z } from 'zod';

/** Calls with a playground's token carry it, and the tokens of one user share one rate limit. */
export const PLAYGROUND_SOURCE_TAG = 'playground';

/** `POST /api/v1/playground/token`. */
export const createPlaygroundToken = z.strictObject({});

/** A key for direct calls to `/v1/*`: its text is in this answer only. */
export const playgroundToken = z.object({ key: z.string(), expires_at: z.iso.datetime() });
export type PlaygroundToken = z.infer<typeof playgroundToken>;
