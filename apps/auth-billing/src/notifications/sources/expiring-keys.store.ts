import type { PrismaClient } from '@ecolink/database';

export interface ExpiringKey {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly prefix: string;
  readonly expiresAt: Date;
}

/**
 * Live keys in the last quarter of their life, at most a week before its end, that their account was not told of yet. Keys
 * that live shorter than a day end without a word: they are made to.
 */
export async function findExpiringKeys(client: PrismaClient, now: Date, limit: number): Promise<readonly ExpiringKey[]> {
  return client.$queryRaw<ExpiringKey[]>`
    SELECT k.id, k.account_id AS "accountId", k.name, k.prefix, k.expires_at AS "expiresAt"
    FROM api_keys AS k
    WHERE k.revoked_at IS NULL AND k.expires_at > ${now}::timestamptz AND k.expires_at <= ${now}::timestamptz + interval '7 days'
      AND k.expires_at - k.created_at >= interval '1 day'
      AND k.expires_at - ${now}::timestamptz <= (k.expires_at - k.created_at) / 4
      AND NOT EXISTS (
        SELECT 1 FROM notifications AS n
        WHERE n.account_id = k.account_id
          AND n.once_key = 'key_expiring:' || k.id || ':' || floor(extract(epoch FROM k.expires_at) * 1000)::bigint
      )
    ORDER BY k.expires_at LIMIT ${limit}::integer`;
}
