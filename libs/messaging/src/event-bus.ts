import type { BusEvent, DeliveredEvent } from '@ecolink/contracts';

/**
 * The bus as the apps see it. Two engines implement it: the embedded log (a table of the product's own database) and
 * Kafka. Both keep the order of one key, deliver to each group at least once, and can be read again from the beginning.
 */
export interface EventBus {
  readonly engine: 'embedded' | 'kafka';

  /**
   * Publishes events and resolves once all of them are durable. Rejects when any may not be; the caller keeps them
   * and publishes them again (consumers deduplicate by `source` and `id`). Events of one key keep their order.
   */
  publish(events: readonly BusEvent[]): Promise<void>;

  /**
   * Joins a consumer group: each partition is handled by one member at a time, in order, from the position committed
   * last (from the beginning at first). A batch's position is committed only after `handle` resolved.
   */
  consume(options: ConsumeOptions): Promise<Subscription>;

  /** Broadcast: every subscriber gets every event published from now on. Nothing is committed. */
  tail(options: TailOptions): Promise<Subscription>;

  /** Reads events of a topic in publishing order per partition, for people and replays. `after` is an earlier answer's `cursor`. */
  read(options: ReadOptions): Promise<ReadPage>;

  close(): Promise<void>;
}

export interface EventBatch {
  readonly topic: string;
  readonly partition: number;
  /** Never empty; in order. */
  readonly events: readonly DeliveredEvent[];
}

export type BatchHandler = (batch: EventBatch) => Promise<void>;

export interface ConsumeOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** Events handed over at once, at the most. */
  readonly batchMax: number;
  readonly handle: BatchHandler;
  /** Where events go that can never be handled. */
  readonly deadLetters: DeadLetterSink;
}

export interface TailOptions {
  readonly topics: readonly string[];
  readonly handle: BatchHandler;
}

export interface ReadOptions {
  readonly topic: string;
  readonly after?: string;
  readonly limit: number;
}

export interface ReadPage {
  readonly events: readonly DeliveredEvent[];
  /** Pass as `after` to go on. Unchanged when there was nothing new. */
  readonly cursor: string;
}

export interface Subscription {
  /** What health is made of: a consumer that has lag and makes no progress is ill, however alive it looks. */
  progress(): Progress;
  close(): Promise<void>;
}

export interface Progress {
  readonly lag: number;
  /** Milliseconds since the epoch of the last batch that was handled, or found nothing left to handle. */
  readonly lastProgressAtMs: number;
}

/** Thrown by a handler for an event that can never be handled: it goes to the dead letters with this reason. */
export class PoisonEventError extends Error {
  constructor(
    readonly eventId: string,
    reason: string,
  ) {
    super(reason);
    this.name = 'PoisonEventError';
  }
}

export interface DeadLetter {
  readonly group: string;
  readonly event: DeliveredEvent;
  readonly reason: string;
}

export interface DeadLetterSink {
  /** Durable when it resolves; storing the same event for the same group again changes nothing. */
  store(letter: DeadLetter): Promise<void>;
}
