import { type BusLogger, defaultBusLogger } from './bus-logger.js';
import { HANDLER_BACK_OFF, type BackOff } from './delivery/back-off.js';
import { EmbeddedBus } from './embedded/embedded-bus.js';
import type { EventBus } from './event-bus.js';
import { topicsWithRetention } from './event-retention.js';
import { KafkaBus } from './kafka/kafka-bus.js';
import { type KafkaSecurity, kafkaSecurityFromEnvironment } from './kafka/kafka-security.js';

export interface BusOptions {
  /** Who this is: shown in logs and by the engines' own tools. */
  readonly clientId: string;
  /** The database whose table is the embedded log; used when no Kafka is given. */
  readonly databaseUrl?: string;
  /** `host:port,host:port` */
  readonly kafkaBrokers?: string;
  readonly logger?: BusLogger;
  /** Default: from the environment (`KAFKA_TLS`, `KAFKA_SASL_…`). */
  readonly kafkaSecurity?: KafkaSecurity;
  /** Between tries of a handler that fails. Default 200 ms, doubling to 10 s. */
  readonly backOff?: BackOff;
}

/** The bus on the engine that is configured: Kafka where brokers are given, else the embedded log. Connects when first used. */
export function createBus(options: BusOptions): EventBus {
  const { clientId, databaseUrl, kafkaBrokers, logger = defaultBusLogger(), backOff = HANDLER_BACK_OFF } = options;
  if (kafkaBrokers !== undefined) {
    const security = options.kafkaSecurity ?? kafkaSecurityFromEnvironment(process.env);
    return new KafkaBus({ brokers: kafkaBrokers, clientId, security, logger, backOff });
  }
  if (databaseUrl === undefined) throw new Error('no bus is configured: set KAFKA_BROKERS or DATABASE_URL');
  return new EmbeddedBus({ url: databaseUrl, clientId, logger, backOff, topics: topicsWithRetention(process.env) });
}
