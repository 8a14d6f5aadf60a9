import { keyAllowed, keyScope, type KeyScope, type PlanQuotas } from '@ecolink/contracts';
import type { PrismaClient } from '@ecolink/database';
import { toPlanQuotas } from '../../pricing/plans/plan-quotas.js';
import { earliest } from '../keys/key-state.js';

export interface KnownKey {
  readonly id: string;
  readonly accountId: string;
  readonly accountName: string;
  readonly scopes: readonly KeyScope[];
  readonly expiresAt: Date | null;
  readonly isRevoked: boolean;
  /** Undefined: anywhere. */
  readonly networks: readonly string[] | undefined;
  readonly isAccountSuspended: boolean;
  readonly quotas: PlanQuotas;
}

export async function findKeyByHash(client: PrismaClient, keyHash: string): Promise<KnownKey | undefined> {
  const include = { account: { include: { plan: true } } } as const;
  const current = await client.apiKey.findUnique({ where: { keyHash }, include });
  const earlier =
    current === null ? await client.apiKeyEarlierSecret.findUnique({ where: { keyHash }, include: { key: { include } } }) : null;
  const row = current ?? earlier?.key;
  if (row === undefined) return undefined;
  return {
    id: row.id,
    accountId: row.accountId,
    accountName: row.account.name,
    scopes: keyScope.array().parse(row.scopes),
    expiresAt: earlier === null ? row.expiresAt : earliest(row.expiresAt, earlier.servesUntil),
    isRevoked: row.revokedAt !== null,
    networks: row.allow === null ? undefined : keyAllowed.parse(row.allow).networks,
    isAccountSuspended: row.account.status === 'suspended',
    quotas: toPlanQuotas(row.account.plan),
  };
}
