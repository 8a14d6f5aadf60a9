import type { Database } from '@ecolink/database';

/** Per key the newest minute in which it was used. A minute never goes back, in whatever order batches arrive. */
export async function writeKeyUses(client: Database['client'], uses: ReadonlyMap<string, Date>): Promise<void> {
  // Sorted, so that two writers wait for each other in one direction only.
  const rows = [...uses].sort(([left], [right]) => (left < right ? -1 : 1));
  await client.$executeRaw`
    INSERT INTO api_key_uses (key_id, last_used_at)
    SELECT key_id, last_used_at FROM unnest(${rows.map(([keyId]) => keyId)}::text[],
      ${rows.map(([, at]) => at.toISOString())}::timestamptz[]) AS each (key_id, last_used_at)
    ON CONFLICT (key_id) DO UPDATE SET last_used_at = excluded.last_used_at
    WHERE api_key_uses.last_used_at < excluded.last_used_at`;
}

export async function readKeyUses(client: Database['client'], keyIds: readonly string[]): Promise<ReadonlyMap<string, Date>> {
  const rows = await client.apiKeyUse.findMany({ where: { keyId: { in: [...keyIds] } } });
  return new Map(rows.map(({ keyId, lastUsedAt }) => [keyId, lastUsedAt]));
}
