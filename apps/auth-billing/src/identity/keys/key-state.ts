import { type ApiKeyView, type BusEvent, keyAllowed, keyScope, type KeyState, newId, TOPIC } from '@ecolink/contracts';
import { EVENT_SOURCE } from '../../event-source.js';

/** What routers hear of one secret of a key. */
export interface KeyStateRow {
  readonly keyId: string;
  readonly accountId: string;
  readonly keyHash: string;
  readonly scopes: readonly string[];
  readonly sourceTag: string | null;
  /** A user, a key or an operator. */
  readonly createdBy: string;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  /** As `keyAllowed`, which checked it when it was stored. */
  readonly allow: unknown;
  readonly version: number;
}

export interface KeyRow extends Omit<KeyStateRow, 'keyId'> {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly createdAt: Date;
  readonly rotatedAt: Date | null;
}

/** A secret that a rotation replaced. */
export interface EarlierSecret {
  readonly keyId: string;
  readonly keyHash: string;
  readonly servesUntil: Date;
}

export function toKeyState(row: KeyStateRow): KeyState {
  return {
    version: row.version,
    key_hash: row.keyHash,
    key_id: row.keyId,
    account_id: row.accountId,
    status: row.revokedAt === null ? 'active' : 'revoked',
    scopes: keyScope.array().parse(row.scopes),
    ...(row.createdBy.startsWith('usr_') ? { created_by: row.createdBy } : {}),
    source_tag: row.sourceTag,
    expires_at: row.expiresAt?.toISOString() ?? null,
    ...(row.allow === null ? {} : { allow: keyAllowed.parse(row.allow) }),
  };
}

/** `key.changed` of every secret of a key: the limits of the key are those of each. */
export function keyChangedEvents(row: KeyRow, earlier: readonly EarlierSecret[], now: Date): readonly BusEvent<KeyState>[] {
  const current = { ...row, keyId: row.id };
  const rows = [
    current,
    ...earlier.map(({ keyHash, servesUntil }) => ({ ...current, keyHash, expiresAt: earliest(row.expiresAt, servesUntil) })),
  ];
  return rows.map((each) => ({
    id: newId('evt', now.getTime()),
    source: EVENT_SOURCE,
    topic: TOPIC.keyChanged,
    key: each.keyHash,
    occurredAt: now,
    data: toKeyState(each),
  }));
}

export interface ViewContext {
  readonly now: Date;
  readonly earlier: readonly EarlierSecret[];
  readonly lastUsedAt: Date | undefined;
}

export function toApiKeyView(row: KeyRow, { now, earlier, lastUsedAt }: ViewContext): ApiKeyView {
  const servesUntil = earlier.map((secret) => secret.servesUntil).filter((instant) => instant > now);
  return {
    id: row.id,
    account_id: row.accountId,
    name: row.name,
    prefix: row.prefix,
    source_tag: row.sourceTag,
    scopes: keyScope.array().parse(row.scopes),
    allow: row.allow === null ? null : keyAllowed.parse(row.allow),
    status: statusOf(row, now),
    created_by: row.createdBy.startsWith('admin/') ? 'operator' : row.createdBy,
    created_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt?.toISOString() ?? null,
    revoked_at: row.revokedAt?.toISOString() ?? null,
    rotated_at: row.rotatedAt?.toISOString() ?? null,
    earlier_secrets_serve_until: latest(servesUntil)?.toISOString() ?? null,
    last_used_at: lastUsedAt?.toISOString() ?? null,
  };
}

function statusOf(row: KeyRow, now: Date): ApiKeyView['status'] {
  if (row.revokedAt !== null) return 'revoked';
  return isExpired(row, now) ? 'expired' : 'active';
}

export function isExpired(row: Pick<KeyRow, 'expiresAt'>, now: Date): boolean {
  return row.expiresAt !== null && row.expiresAt <= now;
}

/** When an earlier secret stops serving: its key may expire before. */
export function earliest(expiresAt: Date | null, servesUntil: Date): Date {
  return expiresAt !== null && expiresAt < servesUntil ? expiresAt : servesUntil;
}

function latest(instants: readonly Date[]): Date | undefined {
  return instants.reduce<Date | undefined>((last, each) => (last === undefined || each > last ? each : last), undefined);
}
