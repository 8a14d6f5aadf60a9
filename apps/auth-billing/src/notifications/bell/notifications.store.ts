import {
  type ListPage,
  notificationSeverity,
  notificationSubject,
  type NotificationsQuery,
  type NotificationView,
} from '@ecolink/contracts';
import type { PrismaClient, Transaction } from '@ecolink/database';
import { pageById, toListPage } from '@ecolink/service-kit';
import type { NotificationRow } from '../raise/notification.js';

/** Whose bell it is: notifications are the account's, marks are the reader's. */
export interface Reader {
  readonly accountId: string;
  readonly reader: string;
}

export async function listNotifications(
  client: PrismaClient,
  { accountId, reader }: Reader,
  query: NotificationsQuery,
): Promise<ListPage<NotificationView>> {
  const page = pageById(query);
  const rows = await client.notification.findMany({
    ...page,
    where: {
      ...page.where,
      accountId,
      ...(query.kind === undefined ? {} : { kind: query.kind }),
      ...(query.unread === undefined ? {} : { reads: { none: { reader } } }),
    },
    include: { reads: { where: { reader } } },
  });
  return toListPage(
    rows.map((row) => toView(row, row.reads[0]?.readAt)),
    query,
  );
}

export async function countUnread(client: PrismaClient | Transaction, { accountId, reader }: Reader): Promise<number> {
  return client.notification.count({ where: { accountId, reads: { none: { reader } } } });
}

/** How many of these the account has. */
export async function countKnown(client: Transaction, accountId: string, ids: readonly string[]): Promise<number> {
  return client.notification.count({ where: { accountId, id: { in: [...ids] } } });
}

/** Marks some of the account's notifications, or all it has now. */
export async function markRead(
  transaction: Transaction,
  { accountId, reader }: Reader,
  ids: readonly string[] | undefined,
  now: Date,
): Promise<void> {
  await transaction.$executeRaw`
    INSERT INTO notification_reads (notification_id, reader, read_at)
    SELECT id, ${reader}, ${now}::timestamptz FROM notifications
    WHERE account_id = ${accountId} AND (${ids === undefined}::boolean OR id = ANY(${[...(ids ?? [])]}::text[]))
    ON CONFLICT DO NOTHING`;
}

function toView(row: NotificationRow, readAt: Date | undefined): NotificationView {
  return {
    id: row.id,
    kind: row.kind,
    severity: notificationSeverity.parse(row.severity),
    title: row.title,
    text: row.text,
    subject: row.subject === null ? null : notificationSubject.parse(row.subject),
    created_at: row.createdAt.toISOString(),
    read_at: readAt?.toISOString() ?? null,
  };
}
