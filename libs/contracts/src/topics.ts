/**
 * Every topic of the bus, declared once: both engines create them from this list.
 * Names are `ecolink.<noun>.<past-verb>.v<major>`; the key decides the partition and so the order.
 */
export interface TopicDeclaration {
  readonly name: string;
  /** The app that publishes it; nobody else does. */
  readonly owner: 'router' | 'auth-billing' | 'instance-registry' | 'region-gateway' | 'health-checker';
  /** What the key is. */
  readonly key: string;
  readonly partitions: number;
  /** State topics keep the newest record of every key; event topics keep everything for the retention time. */
  readonly kind: 'state' | 'event';
  readonly retentionMs: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Unless an operator sets `ECOLINK_EVENT_RETENTION_DAYS`. What an account's balance was before stands in `account.changed`. */
const BILLING_RETENTION_DAYS = 30;

export const TOPIC = {
  usageRecorded: 'ecolink.usage.recorded.v1',
  requestRefused: 'ecolink.request.refused.v1',
  keyChanged: 'ecolink.key.changed.v1',
  accountChanged: 'ecolink.account.changed.v1',
  accountDeleted: 'ecolink.account.deleted.v1',
  auditRecorded: 'ecolink.audit.recorded.v1',
  priceChanged: 'ecolink.price.changed.v1',
  ledgerPosted: 'ecolink.ledger.posted.v1',
  instanceChanged: 'ecolink.instance.changed.v1',
  holdChanged: 'ecolink.hold.changed.v1',
  notificationRaised: 'ecolink.notification.raised.v1',
  modelChanged: 'ecolink.model.changed.v1',
  regionChanged: 'ecolink.region.changed.v1',
  deploymentObserved: 'ecolink.deployment.observed.v1',
  deploymentMetered: 'ecolink.deployment.metered.v1',
  instanceHealthChanged: 'ecolink.instance.health-changed.v1',
} as const;

export type TopicName = (typeof TOPIC)[keyof typeof TOPIC];

function event(
  name: TopicName,
  owner: TopicDeclaration['owner'],
  key: string,
  partitions: number,
  retentionMs: number,
): TopicDeclaration {
  return { name, owner, key, partitions, kind: 'event', retentionMs };
}

function state(name: TopicName, owner: TopicDeclaration['owner'], key: string, partitions: number): TopicDeclaration {
  return { name, owner, key, partitions, kind: 'state', retentionMs: DAY_MS };
}

export const TOPICS: readonly TopicDeclaration[] = [
  // Billing events are contracts for outside consumers, who may start over from the oldest that is kept.
  event(TOPIC.usageRecorded, 'router', 'account_id', 6, BILLING_RETENTION_DAYS * DAY_MS),
  event(TOPIC.ledgerPosted, 'auth-billing', 'account_id', 6, BILLING_RETENTION_DAYS * DAY_MS),
  event(TOPIC.requestRefused, 'router', 'account_id', 3, DAY_MS),
  event(TOPIC.deploymentObserved, 'region-gateway', 'instance_id', 3, DAY_MS),
  event(TOPIC.deploymentMetered, 'instance-registry', 'region', 1, DAY_MS),
  event(TOPIC.notificationRaised, 'auth-billing', 'account_id', 3, 30 * DAY_MS),
  // A service that was away for longer than it is kept never ends what it runs for a deleted account.
  event(TOPIC.accountDeleted, 'auth-billing', 'account_id', 1, 30 * DAY_MS),
  event(TOPIC.auditRecorded, 'instance-registry', 'account_id', 3, 7 * DAY_MS),
  state(TOPIC.holdChanged, 'auth-billing', 'instance_id', 3),
  state(TOPIC.keyChanged, 'auth-billing', 'key_hash', 3),
  state(TOPIC.accountChanged, 'auth-billing', 'account_id', 3),
  state(TOPIC.priceChanged, 'auth-billing', 'target', 1),
  state(TOPIC.instanceChanged, 'instance-registry', 'instance_id', 3),
  state(TOPIC.modelChanged, 'instance-registry', 'platform_model_id', 1),
  state(TOPIC.regionChanged, 'instance-registry', 'region', 1),
  state(TOPIC.instanceHealthChanged, 'health-checker', 'instance_id', 3),
];

export function topicDeclaration(name: string): TopicDeclaration | undefined {
  return TOPICS.find((topic) => topic.name === name);
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * The partition of a key: 32-bit FNV-1a over its UTF-16 units, modulo the topic's partitions. Both engines and the
 * journal use it, so that a key's events meet the same partition wherever they are published from.
 */
export function partitionOf(topic: string, key: string): number {
  const partitions = topicDeclaration(topic)?.partitions ?? 1;
  let hash = FNV_OFFSET;
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), FNV_PRIME);
  return (hash >>> 0) % partitions;
}
