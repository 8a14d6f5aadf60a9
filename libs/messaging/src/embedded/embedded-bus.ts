import { type BusEvent, type TopicDeclaration, TOPICS } from '@ecolink/contracts';
import type pg from 'pg';
import { type BusLogger, errorText } from '../bus-logger.js';
import { partitionsOf } from '../declared-partitions.js';
import type { BackOff } from '../delivery/back-off.js';
import type { ConsumeOptions, EventBus, ReadOptions, ReadPage, Subscription, TailOptions } from '../event-bus.js';
import { openPool } from '../open-pool.js';
import { appendBatch } from './append-batch.js';
import { type EmbeddedSubscriptionContext, GroupConsumer } from './group-consumer.js';
import { pruneEvents } from './prune-events.js';
import { readTopic } from './read-topic.js';
import { TailReader } from './tail-reader.js';
import { BusNotifications } from './bus-notifications.js';

export interface EmbeddedBusOptions {
  readonly url: string;
  readonly clientId: string;
  readonly backOff: BackOff;
  readonly logger: BusLogger;
  readonly now?: () => number;
  /** With the operator's retention. */
  readonly topics?: readonly TopicDeclaration[];
}

const CONNECTIONS_MAX = 4;
const PRUNE_INTERVAL_MS = 60_000;
const PRUNE_STATEMENTS_MAX = 200;
const APPEND_MAX = 2_000;

/** The bus as a table of the product's own database. Several processes may use one; the database keeps them apart. */
export class EmbeddedBus implements EventBus {
  readonly engine = 'embedded';
  private readonly pool: pg.Pool;
  private readonly context: EmbeddedSubscriptionContext;
  private readonly subscriptions = new Set<Subscription>();
  private readonly pruning: NodeJS.Timeout;
  private readonly topics: readonly TopicDeclaration[];

  constructor(options: EmbeddedBusOptions) {
    this.pool = openPool({
      url: options.url,
      applicationName: `ecolink-bus-${options.clientId}`,
      connectionsMax: CONNECTIONS_MAX,
    });
    const { url, backOff, logger, now = Date.now } = options;
    this.topics = options.topics ?? TOPICS;
    this.context = { url, backOff, logger, now, notifications: new BusNotifications(url, logger) };
    this.pruning = setInterval(() => void this.prune(), PRUNE_INTERVAL_MS);
    this.pruning.unref();
  }

  async publish(events: readonly BusEvent[]): Promise<void> {
    for (let start = 0; start < events.length; start += APPEND_MAX) {
      await this.append(events.slice(start, start + APPEND_MAX));
    }
  }

  consume(options: ConsumeOptions): Promise<Subscription> {
    partitionsOf(options.topics);
    return Promise.resolve(this.keep(new GroupConsumer(this.context, options)));
  }

  async tail(options: TailOptions): Promise<Subscription> {
    return this.keep(await TailReader.open(this.context, options, this.pool));
  }

  read(options: ReadOptions): Promise<ReadPage> {
    return readTopic(this.pool, options);
  }

  async close(): Promise<void> {
    clearInterval(this.pruning);
    await Promise.all([...this.subscriptions].map((subscription) => subscription.close()));
    await this.context.notifications.close();
    await this.pool.end();
  }

  private async append(events: readonly BusEvent[]): Promise<void> {
    const client = await this.pool.connect();
    let failure: unknown;
    try {
      await appendBatch(client, events);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      // After a failure nobody knows the connection's state; a new one costs a few milliseconds.
      client.release(failure !== undefined);
    }
  }

  private async prune(): Promise<void> {
    try {
      const deleted = await pruneEvents(this.pool, {
        now: new Date(this.context.now()),
        topics: this.topics,
        statementsMax: PRUNE_STATEMENTS_MAX,
      });
      if (deleted > 0) this.context.logger.info({ deleted }, 'bus_events_pruned');
    } catch (error) {
      this.context.logger.warn({ error: errorText(error) }, 'bus_prune_failed');
    }
  }

  private keep(subscription: Subscription): Subscription {
    this.subscriptions.add(subscription);
    return {
      progress: () => subscription.progress(),
      close: () => {
        this.subscriptions.delete(subscription);
        return subscription.close();
      },
    };
  }
}
