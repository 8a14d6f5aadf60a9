import { Prisma, type PrismaClient, type Transaction } from '@ecolink/database';
import { UNIT_SUMS, UNITS } from '../calls/usage-totals.store.js';

/** Beyond every call that is taken now: an hour ahead of the clock, and a day that a zone may be ahead. */
const DAYS_AHEAD = 3;
/** Rows of a zone that was left, taken off at once. */
const ROWS_AT_ONCE = 2_000;

/** The days of the account's zone count as not filled from now on, but for those on which nothing was called yet. Under the account's lock. */
export async function beginDays(transaction: Transaction, accountId: string, now: Date): Promise<void> {
  await transaction.$executeRaw`
    INSERT INTO usage_day_fills (account_id, days_from)
    SELECT id, (${now}::timestamptz AT TIME ZONE time_zone)::date + ${DAYS_AHEAD}::integer FROM accounts WHERE id = ${accountId}
    ON CONFLICT (account_id) DO UPDATE SET days_from = excluded.days_from`;
}

/** Accounts whose days are not filled. */
export async function accountsToFill(client: PrismaClient, limit: number): Promise<readonly string[]> {
  const rows = await client.usageDayFill.findMany({ select: { accountId: true }, orderBy: { accountId: 'asc' }, take: limit });
  return rows.map(({ accountId }) => accountId);
}

/** The quarters of the days before a day. Bounds of time help the index; dates decide, however a zone jumps. */
export function quartersBefore(timeZone: string, day: string): Prisma.Sql {
  return Prisma.sql`quarter < (${day}::date::timestamp AT TIME ZONE ${timeZone}) + interval '3 hours'
    AND (quarter AT TIME ZONE ${timeZone})::date < ${day}::date`;
}

/** The same of a day and those behind it. */
export function quartersFrom(timeZone: string, day: string): Prisma.Sql {
  return Prisma.sql`quarter >= (${day}::date::timestamp AT TIME ZONE ${timeZone}) - interval '3 hours'
    AND (quarter AT TIME ZONE ${timeZone})::date >= ${day}::date`;
}

interface Fill {
  readonly timeZone: string;
  readonly daysFrom: string;
}

/** Fills the newest day that is not filled, or takes off rows of zones that were left. False once nothing is left to do. Under the account's lock. */
export async function fillNextDay(transaction: Transaction, accountId: string): Promise<boolean> {
  const [fill] = await transaction.$queryRaw<Fill[]>`
    SELECT accounts.time_zone AS "timeZone", to_char(fill.days_from, 'YYYY-MM-DD') AS "daysFrom"
    FROM usage_day_fills AS fill JOIN accounts ON accounts.id = fill.account_id WHERE fill.account_id = ${accountId}`;
  if (fill === undefined) return false;
  const { timeZone, daysFrom } = fill;
  const [newest] = await transaction.$queryRaw<{ day: string }[]>`
    SELECT to_char((quarter AT TIME ZONE ${timeZone})::date, 'YYYY-MM-DD') AS day FROM usage_quarters
    WHERE account_id = ${accountId} AND ${quartersBefore(timeZone, daysFrom)} ORDER BY quarter DESC LIMIT 1`;
  if (newest !== undefined) {
    await fillDay(transaction, accountId, fill, newest.day);
    return true;
  }
  if (await takeOffOthers(transaction, accountId, fill)) return true;
  await transaction.usageDayFill.delete({ where: { accountId } });
  return false;
}

async function fillDay(transaction: Transaction, accountId: string, { timeZone, daysFrom }: Fill, day: string): Promise<void> {
  // The zone may have been the account's before.
  await transaction.$executeRaw`
    DELETE FROM usage_days WHERE account_id = ${accountId} AND time_zone = ${timeZone} AND day >= ${day}::date AND day < ${daysFrom}::date`;
  await transaction.$executeRaw`
    INSERT INTO usage_days (account_id, time_zone, day, key_id, model, source_tag, region, calls, cost_nano_usd, ${UNITS})
    SELECT account_id, ${timeZone}, ${day}::date, key_id, model, source_tag, region, sum(calls), sum(cost_nano_usd), ${UNIT_SUMS}
    FROM usage_quarters WHERE account_id = ${accountId} AND ${quartersFrom(timeZone, day)} AND ${quartersBefore(timeZone, daysFrom)}
    GROUP BY account_id, key_id, model, source_tag, region`;
  await transaction.$executeRaw`UPDATE usage_day_fills SET days_from = ${day}::date WHERE account_id = ${accountId}`;
}

/** Rows of other zones, and what an earlier time in this zone left before its first quarter. */
async function takeOffOthers(transaction: Transaction, accountId: string, { timeZone, daysFrom }: Fill): Promise<boolean> {
  const count = await transaction.$executeRaw`
    DELETE FROM usage_days WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM usage_days WHERE account_id = ${accountId}
        AND (time_zone <> ${timeZone} OR day < ${daysFrom}::date) LIMIT ${ROWS_AT_ONCE}::bigint))`;
  return count > 0;
}

export interface AccountDays {
  readonly timeZone: string;
  /** Days before it are not filled; null where all are. */
  readonly filledFrom: string | null;
}

/** By which days an account's usage is summed. */
export async function readAccountDays(client: PrismaClient, accountId: string): Promise<AccountDays> {
  const [row] = await client.$queryRaw<AccountDays[]>`
    SELECT accounts.time_zone AS "timeZone", to_char(fill.days_from, 'YYYY-MM-DD') AS "filledFrom"
    FROM accounts LEFT JOIN usage_day_fills AS fill ON fill.account_id = accounts.id WHERE accounts.id = ${accountId}`;
  return row ?? { timeZone: 'UTC', filledFrom: null };
}
