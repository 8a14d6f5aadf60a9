import { z } from 'zod';

/**
 * `GET /api/v1/stream`, as `text/event-stream`: each frame is named by `event` and carries JSON. A frame says what changed, not
 * always to what: read the resource again. Nothing is replayed; after `hello` and `reset` read what is shown anew.
 */
export const STREAM_EVENTS = ['hello', 'reset', 'notification', 'instance', 'balance', 'key', 'model', 'end'] as const;
export const streamEvent = z.enum(STREAM_EVENTS);
export type StreamEvent = z.infer<typeof streamEvent>;
