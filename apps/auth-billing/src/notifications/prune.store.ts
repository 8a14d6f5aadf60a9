import type { PrismaClient } from '@ecolink/database';

const DAY_MS = 24 * 60 * 60 * 1000;
const NOTIFICATION_AGE_MAX_MS = 90 * DAY_MS;
const DELIVERY_AGE_MAX_MS = 30 * DAY_MS;
const DELIVERIES_PER_CHANNEL_MAX = 500;
/** Rows in one statement; the next round takes the rest. */
const ROWS_MAX = 5_000;

/** Forgets old notifications, and of each channel's deliveries all but the newest that are over. */
export async function pruneNotifications(client: PrismaClient, now: Date): Promise<void> {
  await client.$executeRaw`
    DELETE FROM notifications WHERE id IN (
      SELECT id FROM notifications WHERE created_at < ${new Date(now.getTime() - NOTIFICATION_AGE_MAX_MS)}::timestamptz
      ORDER BY created_at LIMIT ${ROWS_MAX}::integer
    )`;
  await client.$executeRaw`
    DELETE FROM alert_deliveries WHERE id IN (
      SELECT id FROM (
        SELECT id, created_at, row_number() OVER (PARTITION BY channel_id ORDER BY id DESC) AS place
        FROM alert_deliveries WHERE status <> 'pending'
      ) AS finished
      WHERE place > ${DELIVERIES_PER_CHANNEL_MAX}::integer OR created_at < ${new Date(now.getTime() - DELIVERY_AGE_MAX_MS)}::timestamptz
      LIMIT ${ROWS_MAX}::integer
    )`;
}
