import { type AlertDeliveryView, type ListPage, type ListQuery, notificationRaised } from '@ecolink/contracts';
import type { PrismaClient, Transaction } from '@ecolink/database';
import { pageById, toListPage } from '@ecolink/service-kit';
import type { ChannelRow } from './channel.js';

export interface DeliveryRow {
  readonly id: string;
  readonly channelId: string;
  readonly notificationId: string | null;
  readonly kind: string;
  readonly message: unknown;
  readonly status: string;
  readonly attempts: number;
  readonly responseStatus: number | null;
  readonly problem: string | null;
  readonly createdAt: Date;
  readonly lastAttemptAt: Date | null;
  readonly nextAttemptAt: Date | null;
}

export interface DueDelivery extends DeliveryRow {
  readonly channel: ChannelRow;
}

export interface AttemptOutcome {
  readonly status: 'pending' | 'delivered' | 'failed';
  readonly responseStatus: number | null;
  readonly problem: string | null;
  readonly nextAttemptAt: Date | null;
}

/** Deliveries of one channel at a time: one that is slow holds up itself. */
const PER_CHANNEL_MAX = 2;

/**
 * Takes deliveries that are due, until the lease ends: a process that dies with them gives them back. Two processes never
 * take the same.
 */
export async function claimDue(
  client: PrismaClient,
  now: Date,
  leaseEndsAt: Date,
  limit: number,
): Promise<readonly DueDelivery[]> {
  const due = await client.$queryRaw<{ id: string }[]>`
    UPDATE alert_deliveries SET next_attempt_at = ${leaseEndsAt}::timestamptz WHERE id = ANY(ARRAY(
      SELECT id FROM alert_deliveries WHERE id IN (
        SELECT id FROM (
          SELECT d.id, d.next_attempt_at, row_number() OVER (PARTITION BY d.channel_id ORDER BY d.next_attempt_at, d.id) AS place
          FROM alert_deliveries AS d JOIN alert_channels AS c ON c.id = d.channel_id
          WHERE d.status = 'pending' AND d.next_attempt_at <= ${now}::timestamptz AND c.status = 'active'
        ) AS queued WHERE place <= ${PER_CHANNEL_MAX}::integer ORDER BY next_attempt_at LIMIT ${limit}::integer
      )
      AND status = 'pending' AND next_attempt_at <= ${now}::timestamptz
      FOR UPDATE SKIP LOCKED
    )) RETURNING id`;
  if (due.length === 0) return [];
  return client.alertDelivery.findMany({ where: { id: { in: due.map(({ id }) => id) } }, include: { channel: true } });
}

export async function insertTest(
  transaction: Transaction,
  delivery: { readonly id: string; readonly channelId: string; readonly message: object },
  now: Date,
): Promise<void> {
  // Not in the queue: the call that asked for it sends it.
  await transaction.alertDelivery.create({
    data: { ...delivery, kind: TEST_KIND, createdAt: now, status: 'failed', problem: 'the test was not completed' },
  });
}

const TEST_KIND = 'test';

export async function countTestsSince(client: PrismaClient, channelId: string, since: Date): Promise<number> {
  return client.alertDelivery.count({ where: { channelId, kind: TEST_KIND, createdAt: { gt: since } } });
}

export async function recordAttempt(
  transaction: Transaction,
  id: string,
  outcome: AttemptOutcome,
  now: Date,
): Promise<DeliveryRow | undefined> {
  const { count } = await transaction.alertDelivery.updateMany({
    where: { id },
    data: { ...outcome, attempts: { increment: 1 }, lastAttemptAt: now },
  });
  // The channel, and its deliveries with it, may be deleted meanwhile.
  if (count === 0) return undefined;
  return (await transaction.alertDelivery.findUnique({ where: { id } })) ?? undefined;
}

/** Whether anything reached the channel since then. */
export async function hasDelivered(transaction: Transaction, channelId: string, since: Date): Promise<boolean> {
  const where = { channelId, status: 'delivered', kind: { not: TEST_KIND }, lastAttemptAt: { gte: since } };
  return (await transaction.alertDelivery.count({ where })) > 0;
}

/** Disables an active channel and gives up what waits for it. False where it is not active any more. */
export async function disableChannel(transaction: Transaction, channelId: string, reason: string): Promise<boolean> {
  const { count } = await transaction.alertChannel.updateMany({
    where: { id: channelId, status: 'active' },
    data: { status: 'disabled', statusReason: reason },
  });
  if (count === 0) return false;
  await transaction.alertDelivery.updateMany({
    where: { channelId, status: 'pending' },
    data: { status: 'failed', problem: 'the channel was disabled', nextAttemptAt: null },
  });
  return true;
}

export async function listDeliveries(
  client: PrismaClient,
  channelId: string,
  query: ListQuery,
): Promise<ListPage<AlertDeliveryView>> {
  const page = pageById(query);
  const rows = await client.alertDelivery.findMany({ ...page, where: { ...page.where, channelId } });
  return toListPage(rows.map(toDeliveryView), query);
}

export function toDeliveryView(row: DeliveryRow): AlertDeliveryView {
  return {
    id: row.id,
    notification_id: row.notificationId,
    kind: row.kind,
    status: row.status === 'delivered' || row.status === 'failed' ? row.status : 'pending',
    attempts: row.attempts,
    response_status: row.responseStatus,
    problem: row.problem,
    created_at: row.createdAt.toISOString(),
    last_attempt_at: row.lastAttemptAt?.toISOString() ?? null,
    next_attempt_at: row.status === 'pending' ? (row.nextAttemptAt?.toISOString() ?? null) : null,
  };
}

export function messageOf(row: Pick<DeliveryRow, 'message'>) {
  return notificationRaised.parse(row.message);
}
