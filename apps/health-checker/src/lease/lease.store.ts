import type { Database, Transaction } from '@ecolink/database';

const NAME = 'decider';

/** The lease's row. The database's clock decides, so that processes with different clocks agree. */
export class LeaseStore {
  constructor(private readonly database: Database) {}

  /** Takes or renews the lease. @returns whether `holder` has it now. */
  async acquire(holder: string, durationMs: number): Promise<boolean> {
    const rows = await this.database.client.$queryRaw<unknown[]>`
      INSERT INTO health_checker_lease AS lease (name, holder, expires_at)
      VALUES (${NAME}, ${holder}, clock_timestamp() + ${durationMs}::integer * interval '1 millisecond')
      ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, expires_at = EXCLUDED.expires_at
      WHERE lease.holder = EXCLUDED.holder OR lease.expires_at < clock_timestamp()
      RETURNING holder`;
    return rows.length === 1;
  }

  /** Lets another take over without waiting. */
  async release(holder: string): Promise<void> {
    await this.database.client.$executeRaw`DELETE FROM health_checker_lease WHERE name = ${NAME} AND holder = ${holder}`;
  }
}

/** Whether `holder` has the lease, and keeps it until the transaction ends. */
export async function holdsLease(transaction: Transaction, holder: string): Promise<boolean> {
  const rows = await transaction.$queryRaw<unknown[]>`
    SELECT 1 FROM health_checker_lease WHERE name = ${NAME} AND holder = ${holder} AND expires_at > clock_timestamp() FOR SHARE`;
  return rows.length === 1;
}
