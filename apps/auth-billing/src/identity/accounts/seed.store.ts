import type { Transaction } from '@ecolink/database';

const SEED_LOCK = 7_201_144;

/** Two seedings at once make one account. */
export async function lockSeeding(transaction: Transaction): Promise<void> {
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${SEED_LOCK}::bigint)`;
}
