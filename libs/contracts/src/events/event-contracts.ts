import type { z } from 'zod';
import { TOPIC, type TopicName } from '../topics.js';
import { accountDeleted } from './account-deleted.js';
import { auditRecorded } from './audit-recorded.js';
import { deploymentMetered } from './deployment-metered.js';
import { holdState } from './hold-changed.js';
import { ledgerPosted } from './ledger-posted.js';
import { notificationRaised } from './notification-raised.js';
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
import { requestRefused } from './request-refused.js';
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
  [TOPIC.requestRefused]: {
    title: 'RequestRefused',
    summary: 'A call with a key of an account was refused, or how many were beyond those that are kept.',
    schema: requestRefused,
  },
  [TOPIC.deploymentObserved]: {
    title: 'DeploymentObserved',
    summary: 'What a region\u2019s gateway sees of the pods of one instance.',
    schema: deploymentObserved,
  },
  [TOPIC.deploymentMetered]: {
    title: 'DeploymentMetered',
    summary: 'For how long replicas of instances on GPUs have been ready in a region, of which nothing else is new.',
    schema: deploymentMetered,
  },
  [TOPIC.holdChanged]: { title: 'HoldState', summary: 'What is held for the GPU hours of an instance.', schema: holdState },
  [TOPIC.notificationRaised]: {
    title: 'NotificationRaised',
    summary: 'Something that an account\u2019s people should hear of.',
    schema: notificationRaised,
  },
  [TOPIC.accountDeleted]: { title: 'AccountDeleted', summary: 'An account was deleted for good.', schema: accountDeleted },
  [TOPIC.auditRecorded]: {
    title: 'AuditRecorded',
    summary: 'An entry for an account\u2019s audit log, from a service that does not keep it.',
    schema: auditRecorded,
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
