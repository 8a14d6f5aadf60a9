import { type PricesDto, pricesDto, pricesFromDto } from '@ecolink/contracts';
import type { PrismaClient, Transaction } from '@ecolink/database';
import type { PriceVersion } from './price-book.js';

/** Held shared by whoever prices calls and alone by whoever changes prices, until commit. */
const PRICES_LOCK = 7_201_143;

export interface PriceRow {
  readonly target: string;
  readonly version: number;
  readonly prices: PricesDto;
  readonly effectiveFrom: Date;
}

/**
 * From here to the commit no price can come into force: a batch prices a call by every version that its admission may have
 * seen, since a new one's moment is taken only once no batch is open.
 */
export async function lockPriceVersions(transaction: Transaction): Promise<void> {
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock_shared(${PRICES_LOCK}::bigint)`;
}

export async function lockPrices(transaction: Transaction): Promise<void> {
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${PRICES_LOCK}::bigint)`;
}

/** The versions of targets that were in force at `since` or came later, ordered by target and version. */
export async function readPriceVersions(
  transaction: Transaction,
  targets: readonly string[],
  since: Date,
): Promise<readonly PriceVersion[]> {
  const rows = await transaction.$queryRaw<{ target: string; version: number; prices: unknown; effective_from: Date }[]>`
    SELECT price_versions.target, version, prices, effective_from
    FROM unnest(${[...targets]}::text[]) AS wanted (target)
    JOIN price_versions ON price_versions.target = wanted.target AND effective_from >= coalesce(
      (SELECT max(earlier.effective_from) FROM price_versions AS earlier
       WHERE earlier.target = wanted.target AND earlier.effective_from <= ${since}::timestamptz),
      '-infinity')
    ORDER BY price_versions.target, version`;
  return rows.map((row) => ({
    target: row.target,
    version: row.version,
    prices: pricesFromDto(pricesDto.parse(row.prices)),
    effectiveFrom: row.effective_from,
  }));
}

export async function readNewestPrice(transaction: Transaction | PrismaClient, target: string): Promise<PriceRow | undefined> {
  const row = await transaction.priceVersion.findFirst({ where: { target }, orderBy: { version: 'desc' } });
  return row === null
    ? undefined
    : { target, version: row.version, prices: pricesDto.parse(row.prices), effectiveFrom: row.effectiveFrom };
}

export async function insertPrice(transaction: Transaction, row: PriceRow): Promise<void> {
  await transaction.priceVersion.create({ data: row });
}
