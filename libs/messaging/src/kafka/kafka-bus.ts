import type { BusEvent } from '@ecolink/contracts';
import type { BusLogger } from '../bus-logger.js';
import type { BackOff } from '../delivery/back-off.js';
import type { ConsumeOptions, EventBus, ReadOptions, ReadPage, Subscription, TailOptions } from '../event-bus.js';
import { createKafkaClient } from './kafka-client.js';
import type { KafkaContext } from './kafka-context.js';
import { KafkaGroupConsumer } from './kafka-group-consumer.js';
import { KafkaPublisher } from './kafka-publisher.js';
import type { KafkaSecurity } from './kafka-security.js';
import { KafkaTail } from './kafka-tail.js';
import { readTopic } from './read-topic.js';
import { SharedAdmin } from './shared-admin.js';

export interface KafkaBusOptions {
  readonly brokers: string;
  readonly clientId: string;
  readonly security: KafkaSecurity;
  readonly backOff: BackOff;
  readonly logger: BusLogger;
  readonly now?: () => number;
}

export class KafkaBus implements EventBus {
  readonly engine = 'kafka';
  private readonly context: KafkaContext;
  private readonly publisher: KafkaPublisher;
  private readonly subscriptions = new Set<Subscription>();

  constructor(options: KafkaBusOptions) {
    const { clientId, backOff, logger, now = Date.now } = options;
    const kafka = createKafkaClient(options);
    this.context = { kafka, clientId, backOff, logger, now, admin: new SharedAdmin(kafka) };
    this.publisher = new KafkaPublisher(kafka, logger);
  }

  publish(events: readonly BusEvent[]): Promise<void> {
    return this.publisher.publish(events);
  }

  async consume(options: ConsumeOptions): Promise<Subscription> {
    return this.keep(await KafkaGroupConsumer.open(this.context, options));
  }

  async tail(options: TailOptions): Promise<Subscription> {
    return this.keep(await KafkaTail.open(this.context, options));
  }

  read(options: ReadOptions): Promise<ReadPage> {
    return readTopic(this.context, options);
  }

  async close(): Promise<void> {
    await Promise.all([...this.subscriptions].map((subscription) => subscription.close()));
    await this.publisher.close();
    await this.context.admin.close();
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
