import type { KeyRow } from './key-state.js';

/** What the account's audit log says of a key; of its secret nothing. */
export function auditedKey(row: KeyRow): object {
  return {
    name: row.name,
    scopes: row.scopes,
    source_tag: row.sourceTag,
    expires_at: row.expiresAt?.toISOString() ?? null,
    allow: row.allow,
  };
}
