import { type ApiKeyView, type BusEvent, keyScope, type KeyState, newId, TOPIC } from '@ecolink/contracts';
import { EVENT_SOURCE } from '../event-source.js';

export interface KeyRow {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly prefix: string;
  readonly keyHash: string;
  readonly scopes: readonly string[];
  readonly sourceTag: string | null;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
  readonly version: number;
}

export function toKeyState(row: KeyRow): KeyState {
  return {
    version: row.version,
    key_hash: row.keyHash,
    key_id: row.id,
    account_id: row.accountId,
    status: row.revokedAt === null ? 'active' : 'revoked',
    scopes: keyScope.array().parse(row.scopes),
    source_tag: row.sourceTag,
    expires_at: row.expiresAt?.toISOString() ?? null,
  };
}

export function keyChangedEvent(row: KeyRow, now: Date): BusEvent<KeyState> {
  return {
    id: newId('evt', now.getTime()),
    source: EVENT_SOURCE,
    topic: TOPIC.keyChanged,
    key: row.keyHash,
    occurredAt: now,
    data: toKeyState(row),
  };
}

export function toApiKeyView(row: KeyRow, now: Date): ApiKeyView {
  return {
    id: row.id,
    account_id: row.accountId,
    name: row.name,
    prefix: row.prefix,
    source_tag: row.sourceTag,
    scopes: keyScope.array().parse(row.scopes),
    status: statusOf(row, now),
    created_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt?.toISOString() ?? null,
    revoked_at: row.revokedAt?.toISOString() ?? null,
  };
}

function statusOf(row: KeyRow, now: Date): ApiKeyView['status'] {
  if (row.revokedAt !== null) return 'revoked';
  return isExpired(row, now) ? 'expired' : 'active';
}

export function isExpired(row: Pick<KeyRow, 'expiresAt'>, now: Date): boolean {
  return row.expiresAt !== null && row.expiresAt <= now;
}
