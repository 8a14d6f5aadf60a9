import { z } from 'zod';
import { keyScope } from '../events/state.js';
import { listOf } from './list.js';
import { plainText } from './plain-text.js';

/** `POST /api/v1/api-keys` and `POST /admin/v1/accounts/{id}/api-keys`. */
export const createApiKey = z.strictObject({
  name: plainText(128),
  source_tag: plainText(128).nullable().optional(),
  scopes: z.array(keyScope).min(1).max(2).default(['inference']),
  expires_at: z.iso.datetime({ offset: true }).nullable().optional(),
});
export type CreateApiKey = z.infer<typeof createApiKey>;

export const apiKeyView = z.object({
  id: z.string(),
  account_id: z.string(),
  name: z.string(),
  /** The first characters of the key, to tell keys apart. */
  prefix: z.string(),
  source_tag: z.string().nullable(),
  scopes: z.array(keyScope),
  status: z.enum(['active', 'expired', 'revoked']),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime().nullable(),
  revoked_at: z.iso.datetime().nullable(),
});
export type ApiKeyView = z.infer<typeof apiKeyView>;

/** The only answer that ever holds the key itself. */
export const createdApiKey = apiKeyView.extend({ key: z.string() });
export type CreatedApiKey = z.infer<typeof createdApiKey>;

export const apiKeyList = listOf(apiKeyView);
