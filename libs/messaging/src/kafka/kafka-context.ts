import type { Kafka } from 'kafkajs';
import type { BusLogger } from '../bus-logger.js';
import type { BackOff } from '../delivery/back-off.js';
import type { SharedAdmin } from './shared-admin.js';

/** What all subscriptions of a bus share. */
export interface KafkaContext {
  readonly kafka: Kafka;
  readonly clientId: string;
  readonly admin: SharedAdmin;
  readonly backOff: BackOff;
  readonly logger: BusLogger;
  readonly now: () => number;
}
