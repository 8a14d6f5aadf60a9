import type { PrismaClient } from '@ecolink/database';

export interface SlidingMinute {
  readonly minute: Date;
  readonly before: Date;
  readonly coveredOfBefore: number;
}

/** Counts a call of the subject in the running minute, unless the limit is reached. False: it is. */
export async function takeCall(
  client: PrismaClient,
  subject: string,
  { minute, before, coveredOfBefore }: SlidingMinute,
  limit: number,
): Promise<boolean> {
  const taken = await client.$executeRaw`
    WITH counted AS (
      SELECT coalesce(sum(calls) FILTER (WHERE minute = ${minute}::timestamptz), 0)
        + ceil(coalesce(sum(calls) FILTER (WHERE minute = ${before}::timestamptz), 0) * ${coveredOfBefore}::double precision) AS calls
      FROM call_rates WHERE subject = ${subject} AND minute IN (${minute}::timestamptz, ${before}::timestamptz)
    )
    INSERT INTO call_rates AS known (subject, minute, calls)
    SELECT ${subject}, ${minute}::timestamptz, 1 FROM counted WHERE counted.calls < ${limit}::integer
    ON CONFLICT (subject, minute) DO UPDATE SET calls = known.calls + 1`;
  return taken > 0;
}

export async function forgetMinutes(client: PrismaClient, before: Date): Promise<void> {
  await client.$executeRaw`DELETE FROM call_rates WHERE minute < ${before}::timestamptz`;
}
