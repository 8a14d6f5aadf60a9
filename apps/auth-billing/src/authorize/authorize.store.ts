import { keyScope, type KeyScope } from '@ecolink/contracts';
import type { PrismaClient } from '@ecolink/database';

export interface KnownKey {
  readonly id: string;
  readonly accountId: string;
  readonly accountName: string;
  readonly scopes: readonly KeyScope[];
  readonly expiresAt: Date | null;
  readonly isRevoked: boolean;
  readonly isAccountSuspended: boolean;
}

export async function findKeyByHash(client: PrismaClient, keyHash: string): Promise<KnownKey | undefined> {
  const row = await client.apiKey.findUnique({ where: { keyHash }, include: { account: true } });
  if (row === null) return undefined;
  return {
    id: row.id,
    accountId: row.accountId,
    accountName: row.account.name,
    scopes: keyScope.array().parse(row.scopes),
    expiresAt: row.expiresAt,
    isRevoked: row.revokedAt !== null,
    isAccountSuspended: row.account.status === 'suspended',
  };
}
