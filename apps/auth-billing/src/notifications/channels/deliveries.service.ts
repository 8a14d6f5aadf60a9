import { type AlertDeliveryView, ApiError, type ListPage, type ListQuery, newId } from '@ecolink/contracts';
import { appendEvents, Database, type Transaction } from '@ecolink/database';
import { createLogger } from '@ecolink/runtime';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../../injection.js';
import type { AlertMessage, NewNotification } from '../raise/notification.js';
import { raiseNotifications } from '../raise/raise.store.js';
import type { ChannelRow } from './channel.js';
import { type ChannelOfAccount, findChannel } from './channels.store.js';
import {
  type AttemptOutcome,
  claimDue,
  countTestsSince,
  type DeliveryRow,
  disableChannel,
  type DueDelivery,
  hasDelivered,
  insertTest,
  listDeliveries,
  messageOf,
  recordAttempt,
  toDeliveryView,
} from './deliveries.store.js';
import { nextAttemptAt } from './retry-schedule.js';
import { SendAlert } from './send-alert.service.js';
import type { SendResult } from './send-webhook.js';

const AT_ONCE_MAX = 20;
/** Longer than any attempt takes. */
const LEASE_MS = 60_000;
const TESTS_PER_HOUR_MAX = 10;
const HOUR_MS = 60 * 60 * 1000;

/** What is sent through alert channels: due deliveries, tests, and the log of both. */
@Injectable()
export class AlertDeliveries {
  private readonly logger = createLogger('auth-billing');

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SendAlert) private readonly sender: SendAlert,
  ) {}

  /** Sends what is due, so many at once; gives how many that were. */
  async sendDue(): Promise<number> {
    const now = this.clock();
    const leaseEndsAt = new Date(now.getTime() + LEASE_MS);
    const due = await claimDue(this.database.client, now, leaseEndsAt, AT_ONCE_MAX);
    await Promise.all(due.map((delivery) => this.attempt(delivery)));
    return due.length;
  }

  /** Sends a test now, which is never repeated. Throws 404, 429. */
  async test(where: ChannelOfAccount): Promise<AlertDeliveryView> {
    const now = this.clock();
    const channel = (await findChannel(this.database.client, where)) ?? refuseUnknown();
    if ((await countTestsSince(this.database.client, channel.id, new Date(now.getTime() - HOUR_MS))) >= TESTS_PER_HOUR_MAX) {
      throw new ApiError('rate_limit_exceeded', `a channel can be tested ${TESTS_PER_HOUR_MAX} times an hour`, {
        retryAfterSeconds: HOUR_MS / 1_000 / TESTS_PER_HOUR_MAX,
      });
    }
    const id = newId('dlv', now.getTime());
    const message = testMessage(channel, id, now);
    await this.database.transaction((transaction) => insertTest(transaction, { id, channelId: channel.id, message }, now));
    const result = await this.sender.send(channel, id, message);
    const outcome =
      result.kind === 'delivered'
        ? outcomeOf(result, now, 0)
        : { ...outcomeOf(result, now, 0), status: 'failed' as const, nextAttemptAt: null };
    const row = await this.database.transaction((transaction) => recordAttempt(transaction, id, outcome, this.clock()));
    return toDeliveryView(row ?? refuseUnknown());
  }

  async list(where: ChannelOfAccount, query: ListQuery): Promise<ListPage<AlertDeliveryView>> {
    const channel = (await findChannel(this.database.client, where)) ?? refuseUnknown();
    return listDeliveries(this.database.client, channel.id, query);
  }

  private async attempt(delivery: DueDelivery): Promise<void> {
    const result = await this.sender.send(delivery.channel, delivery.id, messageOf(delivery));
    const now = this.clock();
    const outcome = outcomeOf(result, now, delivery.attempts + 1);
    await this.database.transaction(async (transaction) => {
      const row = await recordAttempt(transaction, delivery.id, outcome, now);
      if (row?.status === 'failed') await giveUp(transaction, delivery.channel, row, result, now);
    });
    if (result.kind !== 'delivered')
      this.logger.warn({
        event: 'alert.not_delivered',
        channel_id: delivery.channelId,
        delivery_id: delivery.id,
        problem: result.problem,
      });
  }
}

/** A day of failures without one success in between, or a receiver that wants no more, disables the channel. */
async function giveUp(
  transaction: Transaction,
  channel: ChannelRow,
  delivery: DeliveryRow,
  result: SendResult,
  now: Date,
): Promise<void> {
  if (result.kind !== 'gone' && (await hasDelivered(transaction, channel.id, delivery.createdAt))) return;
  const problem = delivery.problem ?? 'deliveries failed';
  if (!(await disableChannel(transaction, channel.id, problem))) return;
  await appendEvents(transaction, await raiseNotifications(transaction, [disabledNotice(channel, problem)], now));
}

function disabledNotice(channel: ChannelRow, problem: string): NewNotification {
  const where = channel.kind === 'email' ? `mail to ${channel.address ?? ''}` : `the webhook ${channel.url ?? ''}`;
  return {
    accountId: channel.accountId,
    kind: 'channel_disabled',
    severity: 'warning',
    title: 'An alert channel was disabled',
    text: `Alerts by ${where} are off after repeated failure: ${problem}. Repair it, test it and activate it again.`,
    subject: { kind: 'alert_channel', id: channel.id },
  };
}

function outcomeOf(result: SendResult, now: Date, attemptsMade: number): AttemptOutcome {
  const { status: responseStatus } = result;
  if (result.kind === 'delivered') return { status: 'delivered', responseStatus, problem: null, nextAttemptAt: null };
  const next = result.kind === 'gone' ? undefined : nextAttemptAt(attemptsMade, now);
  return {
    status: next === undefined ? 'failed' : 'pending',
    responseStatus,
    problem: result.problem,
    nextAttemptAt: next ?? null,
  };
}

function testMessage(channel: ChannelRow, id: string, now: Date): AlertMessage {
  return {
    notification_id: id,
    account_id: channel.accountId,
    kind: 'test',
    severity: 'info',
    once_key: id,
    title: 'Test',
    text: 'This is a test of an alert channel. Nothing has happened.',
    instance_id: null,
    subject: { kind: 'alert_channel', id: channel.id },
    raised_at: now.toISOString(),
  };
}

function refuseUnknown(): never {
  throw new ApiError('not_found', 'there is no such alert channel');
}
