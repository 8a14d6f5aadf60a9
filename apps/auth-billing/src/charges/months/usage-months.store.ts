import type { PrismaClient, Transaction } from '@ecolink/database';

/** Makes the partitions of usage for the months that begin with these days; gives those that were missing. */
export async function makeUsageMonths(client: PrismaClient, months: readonly string[]): Promise<readonly string[]> {
  const rows = await client.$queryRaw<{ month: string; made: boolean }[]>`
    SELECT month, ecolink_make_usage_month(month::date) AS made FROM unnest(${[...months]}::text[]) AS month`;
  return rows.filter(({ made }) => made).map(({ month }) => month);
}

/** Which of these event ids belong to months that were archived. */
export async function readArchivedIds(transaction: Transaction, eventIds: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await transaction.$queryRaw<{ event_id: string }[]>`
    SELECT event_id FROM unnest(${[...eventIds]}::text[]) AS event_id
    JOIN usage_archived_months AS archived ON event_id COLLATE "C" >= ecolink_first_event_id(archived.month)
      AND event_id COLLATE "C" < ecolink_first_event_id((archived.month + interval '1 month')::date)`;
  return new Set(rows.map((row) => row.event_id));
}
