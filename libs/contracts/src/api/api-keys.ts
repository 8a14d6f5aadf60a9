import { z } from 'zod';
import { keyScope } from '../events/state.js';
import { keyAllow, keyAllowed } from './key-allow.js';
import { listOf, listQueryWith } from './list.js';
import { plainText, resourceId } from './plain-text.js';

const scopes = z.array(keyScope).min(1).max(2);
const expiresAt = z.iso.datetime({ offset: true }).nullable();
const sourceTag = plainText(128).nullable();

/** `POST /api/v1/api-keys` and `POST /admin/v1/accounts/{id}/api-keys`. */
export const createApiKey = z.strictObject({
  name: plainText(128),
  source_tag: sourceTag.optional(),
  scopes: scopes.default(['inference']),
  expires_at: expiresAt.optional(),
  allow: keyAllow.nullable().optional(),
});
export type CreateApiKey = z.infer<typeof createApiKey>;

/** `PATCH /api/v1/api-keys/{id}`. `allow` takes the place of all limits the key had; null removes them. */
export const patchApiKey = z
  .strictObject({
    name: plainText(128).optional(),
    source_tag: sourceTag.optional(),
    scopes: scopes.optional(),
    expires_at: expiresAt.optional(),
    allow: keyAllow.nullable().optional(),
  })
  .refine((patch) => Object.values(patch).some((value) => value !== undefined), 'nothing to change: give at least one field');
export type PatchApiKey = z.infer<typeof patchApiKey>;

export const OVERLAP_MINUTES_MAX = 10_080;

/** `POST /api/v1/api-keys/{id}/rotate`. So long all earlier secrets of the key still serve, and not after. */
export const rotateApiKey = z.strictObject({ overlap_minutes: z.int().min(0).max(OVERLAP_MINUTES_MAX).default(0) });
export type RotateApiKey = z.infer<typeof rotateApiKey>;

/** `DELETE /api/v1/api-keys/{id}`. */
export const revokeApiKeyQuery = z.strictObject({
  with_descendants: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .meta({ type: 'boolean', enum: undefined }),
});
export type RevokeApiKeyQuery = z.infer<typeof revokeApiKeyQuery>;

/** `GET /api/v1/api-keys`; `created_by` is a user or a key. */
export const apiKeysQuery = listQueryWith({ created_by: resourceId.optional() });
export type ApiKeysQuery = z.infer<typeof apiKeysQuery>;

export const apiKeyView = z.object({
  id: z.string(),
  account_id: z.string(),
  name: z.string(),
  /** The first characters of the key, to tell keys apart. */
  prefix: z.string(),
  source_tag: z.string().nullable(),
  scopes: z.array(keyScope),
  allow: keyAllowed.nullable(),
  status: z.enum(['active', 'expired', 'revoked']),
  /** A user (`usr_…`), a key (`key_…`) or `operator`. */
  created_by: z.string(),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime().nullable(),
  revoked_at: z.iso.datetime().nullable(),
  rotated_at: z.iso.datetime().nullable(),
  /** Until then the secrets before the newest one serve, too; null where none does. */
  earlier_secrets_serve_until: z.iso.datetime().nullable(),
  /** To the minute. */
  last_used_at: z.iso.datetime().nullable(),
});
export type ApiKeyView = z.infer<typeof apiKeyView>;

/** What revoking answers; `revoked_descendants` are keys that the key made, directly or through others. */
export const revokedApiKey = apiKeyView.extend({ revoked_descendants: z.array(z.string()) });
export type RevokedApiKey = z.infer<typeof revokedApiKey>;

/** The only answers that ever hold the key itself: of making a key and of rotating it. */
export const createdApiKey = apiKeyView.extend({ key: z.string() });
export type CreatedApiKey = z.infer<typeof createdApiKey>;

export const apiKeyList = listOf(apiKeyView);
