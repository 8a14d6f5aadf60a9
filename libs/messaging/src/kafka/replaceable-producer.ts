import type { Kafka, Producer } from 'kafkajs';
import { type BusLogger, errorText } from '../bus-logger.js';
import { loadKafkaJs } from './load-kafkajs.js';

/** Tries of one send go on about as long as its deadline, and not for ever: an abandoned producer must come to rest. */
const RETRY = { initialRetryTime: 50, maxRetryTime: 500, retries: 60 };

/** A producer that can be thrown away. Sends that use the old one may end on it; later ones get a new one. */
export class ReplaceableProducer {
  private current: Promise<Producer> | undefined;
  private readonly users = new Map<Producer, number>();
  private readonly retired = new Set<Producer>();

  constructor(
    private readonly kafka: Kafka,
    private readonly logger: BusLogger,
  ) {}

  /** Runs `use` on the producer. When it rejects, that producer is not used again. */
  async use<T>(use: (producer: Producer) => Promise<T>): Promise<T> {
    const opening = (this.current ??= this.open());
    const producer = await opening.catch((error: unknown) => {
      if (this.current === opening) this.current = undefined;
      throw error;
    });
    this.users.set(producer, (this.users.get(producer) ?? 0) + 1);
    try {
      return await use(producer);
    } catch (error) {
      if (this.current === opening) this.current = undefined;
      this.retired.add(producer);
      throw error;
    } finally {
      this.leave(producer);
    }
  }

  async close(): Promise<void> {
    const producer = await this.current?.catch(() => undefined);
    this.current = undefined;
    await producer?.disconnect();
  }

  /**
   * The rule by which nothing acknowledged is lost with kafkajs also lives here: idempotent, one request in flight, all
   * in-sync replicas (given with each send). Partitions are always given, so the partitioner is never asked.
   */
  private async open(): Promise<Producer> {
    const producer = this.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: loadKafkaJs().Partitioners.DefaultPartitioner,
      retry: RETRY,
    });
    await producer.connect();
    return producer;
  }

  private leave(producer: Producer): void {
    const left = (this.users.get(producer) ?? 1) - 1;
    this.users.set(producer, left);
    if (left > 0 || !this.retired.delete(producer)) return;
    this.users.delete(producer);
    producer.disconnect().catch((error: unknown) => this.logger.warn({ error: errorText(error) }, 'kafka_producer_not_closed'));
  }
}
