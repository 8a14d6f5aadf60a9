import { setTimeout as delay } from 'node:timers/promises';
import type { Consumer, ConsumerConfig, ConsumerGroupJoinEvent, EachBatchHandler, EachBatchPayload, Kafka } from 'kafkajs';
import { type BusLogger, errorText } from '../bus-logger.js';
import { type BackOff, waitBackOff } from '../delivery/back-off.js';
import { withDeadline } from '../delivery/with-deadline.js';
import { CLIENT_RETRY } from './kafka-client.js';

export interface SupervisedConsumerOptions {
  readonly kafka: Kafka;
  readonly group: string;
  readonly topics: readonly string[];
  readonly fromBeginning: boolean;
  readonly concurrency: number;
  readonly eachBatch: EachBatchHandler;
  /** The group has (re)assigned its partitions; called before anything is fetched. */
  readonly onJoin: (consumer: Consumer, assignment: ConsumerGroupJoinEvent['payload']['memberAssignment']) => void;
  /** The partitions are no longer ours, or may not be. */
  readonly onLost: () => void;
  /** Events wait, none has been handled for long, and none is being handled. */
  readonly isStandingStill?: () => boolean;
  readonly logger: BusLogger;
}

const CONFIG = {
  sessionTimeout: 10_000,
  rebalanceTimeout: 30_000,
  heartbeatInterval: 1_000,
  maxWaitTimeInMs: 1_000,
  allowAutoTopicCreation: false,
  retry: CLIENT_RETRY,
} satisfies Omit<ConsumerConfig, 'groupId'>;

const RESTART_BACK_OFF: BackOff = { initialMs: 500, maxMs: 15_000 };
/** Neither a heartbeat nor a fetch in that time: the consumer hangs, though it says nothing. */
const SILENCE_MAX_MS = 60_000;
/** A consumer is not replaced for standing still before it has had this time. */
const STANDSTILL_MIN_MS = 60_000;
/** Batches of lost partitions are left alone; without a pause they would be fetched again at once. */
const LOST_PAUSE_MS = 200;
/** Fetches that were under way when the partitions were lost have ended by then. */
const LATE_FETCHES_MS = 5_000;
const WATCH_INTERVAL_MS = 5_000;
const CLOSE_TIMEOUT_MS = 15_000;

/**
 * A kafkajs consumer that is replaced when it stops for good, whether it says so or not: some of its crashes are final, and
 * one whose try to join its group again fails goes on fetching as if it had not lost anything.
 */
export class SupervisedConsumer {
  private readonly closing = new AbortController();
  private readonly firstJoin = Promise.withResolvers<void>();
  private readonly running: Promise<void>;
  private lastSignMs = Date.now();
  /** Since when the partitions are not ours. */
  private lostMs: number | undefined;

  constructor(private readonly options: SupervisedConsumerOptions) {
    this.running = this.run();
  }

  /** Resolves when the group was joined for the first time, or the time is over: without Kafka a service still starts. */
  async waitForJoin(timeoutMs: number): Promise<void> {
    await withDeadline(this.firstJoin.promise, timeoutMs, 'not joined').catch(() => undefined);
  }

  async close(): Promise<void> {
    this.options.onLost();
    this.closing.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    let failures = 0;
    while (!signal.aborted) {
      const startedMs = Date.now();
      try {
        await this.runOne();
      } catch (error) {
        this.options.logger.warn({ group: this.options.group, error: errorText(error) }, 'kafka_consumer_ended');
      }
      this.options.onLost();
      failures = Date.now() - startedMs > SILENCE_MAX_MS ? 1 : failures + 1;
      await waitBackOff(RESTART_BACK_OFF, failures, signal).catch(() => undefined);
    }
  }

  /** Runs one consumer until it is to be replaced (rejects) or the subscription closes (resolves). */
  private async runOne(): Promise<void> {
    const { kafka, group, topics, fromBeginning, concurrency, eachBatch } = this.options;
    const consumer = kafka.consumer({ ...CONFIG, groupId: group });
    const end = this.watch(consumer);
    end.catch(() => undefined);
    try {
      await Promise.race([end, consumer.connect()]);
      await Promise.race([end, consumer.subscribe({ topics: [...topics], fromBeginning })]);
      const run = {
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: concurrency,
        eachBatch: (payload: EachBatchPayload) => (this.lostMs === undefined ? eachBatch(payload) : delay(LOST_PAUSE_MS)),
      };
      await Promise.race([end, consumer.run(run)]);
      await end;
    } finally {
      this.options.onLost();
      await withDeadline(consumer.disconnect(), CLOSE_TIMEOUT_MS, 'the consumer did not stop').catch((error: unknown) =>
        this.options.logger.warn({ group, error: errorText(error) }, 'kafka_consumer_not_closed'),
      );
    }
  }

  private watch(consumer: Consumer): Promise<void> {
    const { CRASH, FETCH, GROUP_JOIN, HEARTBEAT, REBALANCING } = consumer.events;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const noteSign = () => (this.lastSignMs = Date.now());
    const startedMs = Date.now();
    this.lostMs = undefined;
    noteSign();
    consumer.on(FETCH, () => {
      noteSign();
      if (this.lostMs !== undefined && Date.now() - this.lostMs > LATE_FETCHES_MS)
        reject(new Error('it goes on fetching and has not joined its group again'));
    });
    consumer.on(HEARTBEAT, noteSign);
    consumer.on(REBALANCING, () => {
      this.lostMs ??= Date.now();
      this.options.onLost();
    });
    consumer.on(GROUP_JOIN, ({ payload }) => {
      noteSign();
      this.lostMs = undefined;
      this.options.onLost();
      this.options.onJoin(consumer, payload.memberAssignment);
      this.firstJoin.resolve();
    });
    consumer.on(CRASH, ({ payload }) => {
      this.options.onLost();
      if (!payload.restart) reject(payload.error);
    });
    const watching = setInterval(() => {
      if (Date.now() - this.lastSignMs > SILENCE_MAX_MS) reject(new Error('no sign of life'));
      if (Date.now() - startedMs > STANDSTILL_MIN_MS && this.options.isStandingStill?.() === true)
        reject(new Error('events wait and none is being handled'));
    }, WATCH_INTERVAL_MS);
    this.closing.signal.addEventListener('abort', () => resolve(), { once: true });
    return promise.finally(() => clearInterval(watching));
  }
}
