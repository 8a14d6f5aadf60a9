import type { Kafka, LogEntry } from 'kafkajs';
import type { BusLogger } from '../bus-logger.js';
import { type KafkaSecurity, toClientSecurity } from './kafka-security.js';
import { quietRequestQueue } from './quiet-request-queue.js';
import { loadKafkaJs } from './load-kafkajs.js';

export interface KafkaClientOptions {
  /** `host:port,host:port` */
  readonly brokers: string;
  readonly clientId: string;
  readonly security?: KafkaSecurity;
  readonly logger: BusLogger;
}

const CONNECT_TIMEOUT_MS = 1_000;
const REQUEST_TIMEOUT_MS = 5_000;

/** Short waits between many tries: found to bring a client back 0.3 s after a broker is, instead of 4 to 10 s. */
export const CLIENT_RETRY = { initialRetryTime: 50, maxRetryTime: 500, retries: 20 };

let isQuiet = false;

export function createKafkaClient(options: KafkaClientOptions): Kafka {
  const brokers = options.brokers.split(',').map((broker) => broker.trim());
  if (brokers.some((broker) => !/^[^:]+:[0-9]+$/.test(broker))) throw new Error('KAFKA_BROKERS must be host:port,host:port');
  const { Kafka, logLevel } = loadKafkaJs();
  if (!isQuiet) quietRequestQueue();
  isQuiet = true;
  return new Kafka({
    clientId: options.clientId,
    brokers,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: CLIENT_RETRY,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => logEntry(options.logger, entry),
    ...toClientSecurity(options.security ?? {}),
  });
}

/** kafkajs says so of every producer whose tries are bounded; ours are, and one that fails is thrown away. */
const EXPECTED = /^Limiting retries for the idempotent producer/;

/** kafkajs calls every lost connection an error; what matters to people is said by progress and by our own events. */
function logEntry(logger: BusLogger, { namespace, log }: LogEntry): void {
  const { message, broker, groupId, error } = log as Record<string, unknown>;
  if (EXPECTED.test(String(message))) return;
  logger.warn({ namespace, message, broker, group: groupId, error }, 'kafka_client');
}
