import { z } from 'zod';
import { openObject } from '../open-object.js';

/**
 * `ecolink.account.deleted.v1`: an account is deleted for good. Key: `account_id`. Whoever keeps things of accounts ends what runs for
 * it and erases what people named; hearing of it twice changes nothing.
 */
export const accountDeleted = openObject({ account_id: z.string(), deleted_at: z.iso.datetime() });
export type AccountDeleted = z.infer<typeof accountDeleted>;
