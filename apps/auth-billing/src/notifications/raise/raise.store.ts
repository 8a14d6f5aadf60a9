import { type BusEvent, newId, type NotificationRaised } from '@ecolink/contracts';
import type { Transaction } from '@ecolink/database';
import { raisedEvent, type NewNotification, subjectOf, toRaised } from './notification.js';

/**
 * Tells accounts something, in the transaction of what it is about. Gives the events, which the caller appends with its own,
 * last of all; none for what they were told before.
 */
export async function raiseNotifications(
  transaction: Transaction,
  notifications: readonly NewNotification[],
  now: Date,
): Promise<readonly BusEvent<NotificationRaised>[]> {
  const events: BusEvent<NotificationRaised>[] = [];
  for (const notification of notifications) {
    const raised = toRaised(notification, now);
    if (await keepNotification(transaction, raised, now)) events.push(raisedEvent(raised, now));
  }
  return events;
}

/**
 * Puts a notification into the bell, and a delivery for each channel of the account that wants its kind into the queue; once
 * for each cause. False where it is known, and for a deleted account, which nobody is told of.
 */
export async function keepNotification(transaction: Transaction, raised: NotificationRaised, now: Date): Promise<boolean> {
  const { notification_id: id, account_id: accountId, kind, severity, title, text, once_key: onceKey } = raised;
  const subject = subjectOf(raised);
  if ((await transaction.account.count({ where: { id: accountId, deletedAt: { not: null } } })) > 0) return false;
  const { count } = await transaction.notification.createMany({
    data: {
      ...{ id, accountId, kind, severity, title, text, onceKey, createdAt: new Date(raised.raised_at) },
      ...(subject === undefined ? {} : { subject: { ...subject } }),
    },
    skipDuplicates: true,
  });
  if (count > 0) await queueDeliveries(transaction, raised, now);
  return count > 0;
}

/** Lets a cause be told of again: what it was about is over. */
export async function forgetCause(transaction: Transaction, accountId: string, onceKey: string): Promise<void> {
  await transaction.notification.updateMany({ where: { accountId, onceKey }, data: { onceKey: null } });
}

async function queueDeliveries(transaction: Transaction, raised: NotificationRaised, now: Date): Promise<void> {
  const channels = await transaction.alertChannel.findMany({
    where: {
      accountId: raised.account_id,
      status: 'active',
      OR: [{ kinds: { isEmpty: true } }, { kinds: { has: raised.kind } }],
    },
    select: { id: true },
  });
  await transaction.alertDelivery.createMany({
    data: channels.map(({ id: channelId }) => ({
      id: newId('dlv', now.getTime()),
      channelId,
      notificationId: raised.notification_id,
      kind: raised.kind,
      message: { ...raised },
      createdAt: now,
      nextAttemptAt: now,
    })),
  });
}
