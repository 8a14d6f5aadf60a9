import type { z } from 'zod';
import { TOPIC, type TopicName } from '../topics.js';
import { ledgerPosted } from './ledger-posted.js';
import {
  accountState,
  deploymentObserved,
  instanceHealth,
  instanceRecord,
  keyState,
  platformModelRecord,
  priceState,
  regionRecord,
} from './state.js';
import { usageRecorded } from './usage-recorded.js';

/** What is published of a topic's events, beside what `TOPICS` declares. */
export interface EventContract {
  readonly title: string;
  readonly summary: string;
  /** Validates `data`, at the owner and at every reader of ours. */
  readonly schema: z.ZodType;
}

/** One for every topic: a topic without a schema does not compile. */
export const EVENT_CONTRACTS: Readonly<Record<TopicName, EventContract>> = {
  [TOPIC.usageRecorded]: {
    title: 'UsageRecorded',
    summary: 'A call was sent to a pod; what it consumed.',
    schema: usageRecorded,
  },
  [TOPIC.ledgerPosted]: {
    title: 'LedgerPosted',
    summary: 'A transaction was posted to the ledger. It never changes; corrections are transactions of their own.',
    schema: ledgerPosted,
  },
  [TOPIC.deploymentObserved]: {
    title: 'DeploymentObserved',
    summary: 'What a region\u2019s gateway sees of the pods of one instance.',
    schema: deploymentObserved,
  },
  [TOPIC.keyChanged]: { title: 'KeyState', summary: 'An API key, without its text.', schema: keyState },
  [TOPIC.accountChanged]: { title: 'AccountState', summary: 'An account: status, plan, balance.', schema: accountState },
  [TOPIC.priceChanged]: {
    title: 'PriceState',
    summary: 'The prices of an instance or a platform model, and since when.',
    schema: priceState,
  },
  [TOPIC.instanceChanged]: { title: 'InstanceRecord', summary: 'An instance and its deployments.', schema: instanceRecord },
  [TOPIC.modelChanged]: { title: 'PlatformModelRecord', summary: 'A platform model.', schema: platformModelRecord },
  [TOPIC.regionChanged]: { title: 'RegionRecord', summary: 'A region and where its gateway is.', schema: regionRecord },
  [TOPIC.instanceHealthChanged]: {
    title: 'InstanceHealth',
    summary: 'The health of all pods of one instance.',
    schema: instanceHealth,
  },
};
