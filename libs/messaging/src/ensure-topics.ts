import type { TopicDeclaration } from '@ecolink/contracts';
import { topicsWithRetention } from './event-retention.js';
import type { Admin, ITopicMetadata } from 'kafkajs';
import { type BusLogger, defaultBusLogger } from './bus-logger.js';
import { createKafkaClient } from './kafka/kafka-client.js';
import { type KafkaSecurity, kafkaSecurityFromEnvironment } from './kafka/kafka-security.js';
import { SharedAdmin } from './kafka/shared-admin.js';
import { loadKafkaJs } from './kafka/load-kafkajs.js';

export interface EnsureTopicsOptions {
  readonly brokers: string;
  readonly security?: KafkaSecurity;
  /** Default: 3, or as many as there are brokers. */
  readonly replicationFactor?: number;
  readonly logger?: BusLogger;
}

/** Where a topic is not as declared. It is reported and left alone: more partitions would move keys, less retention would delete. */
export interface TopicDrift {
  readonly topic: string;
  readonly setting: string;
  readonly expected: string;
  readonly actual: string;
}

export interface EnsuredTopics {
  readonly created: readonly string[];
  readonly drift: readonly TopicDrift[];
}

const REPLICATION_FACTOR_MAX = 3;

/** Creates the declared topics that are missing, and compares the others with their declarations. */
export async function ensureTopics(options: EnsureTopicsOptions): Promise<EnsuredTopics> {
  const { brokers, security = {}, logger = defaultBusLogger() } = options;
  const admin = new SharedAdmin(createKafkaClient({ brokers, security, clientId: 'ecolink-ensure-topics', logger }));
  try {
    const cluster = await admin.run((connection) => connection.describeCluster());
    const replicas = options.replicationFactor ?? Math.min(cluster.brokers.length, REPLICATION_FACTOR_MAX);
    const existing = new Set(await admin.run((connection) => connection.listTopics()));
    const declared = topicsWithRetention(process.env);
    const missing = declared.filter((topic) => !existing.has(topic.name));
    if (missing.length > 0) await admin.run((connection) => createTopics(connection, missing, replicas));
    const present = declared.filter((topic) => existing.has(topic.name));
    const drift = present.length > 0 ? await admin.run((connection) => findDrift(connection, present)) : [];
    return { created: missing.map((topic) => topic.name), drift };
  } finally {
    await admin.close();
  }
}

/** `false` from kafkajs means that they exist by now: another process was quicker. */
async function createTopics(admin: Admin, topics: readonly TopicDeclaration[], replicas: number): Promise<void> {
  await admin.createTopics({
    waitForLeaders: true,
    topics: topics.map((topic) => ({
      topic: topic.name,
      numPartitions: topic.partitions,
      replicationFactor: replicas,
      configEntries: Object.entries({ ...settingsOf(topic), 'min.insync.replicas': replicas >= 3 ? '2' : '1' }).map(
        ([name, value]) => ({
          name,
          value,
        }),
      ),
    })),
  });
}

function settingsOf(topic: TopicDeclaration): Record<string, string> {
  switch (topic.kind) {
    case 'state':
      return { 'cleanup.policy': 'compact' };
    case 'event':
      return { 'cleanup.policy': 'delete', 'retention.ms': String(topic.retentionMs) };
  }
}

async function findDrift(admin: Admin, topics: readonly TopicDeclaration[]): Promise<readonly TopicDrift[]> {
  const names = topics.map((topic) => topic.name);
  const { topics: metadata } = await admin.fetchTopicMetadata({ topics: names });
  const resources = names.map((name) => ({
    type: loadKafkaJs().ConfigResourceTypes.TOPIC,
    name,
    configNames: ['cleanup.policy', 'retention.ms'],
  }));
  const described = await admin.describeConfigs({ includeSynonyms: false, resources });
  return topics.flatMap((topic) => {
    const entries = described.resources.find((resource) => resource.resourceName === topic.name)?.configEntries ?? [];
    const actual = Object.fromEntries(entries.map((entry) => [entry.configName, entry.configValue]));
    return [...partitionDrift(topic, metadata), ...settingDrift(topic, actual)];
  });
}

function partitionDrift(topic: TopicDeclaration, metadata: readonly ITopicMetadata[]): readonly TopicDrift[] {
  const actual = metadata.find((each) => each.name === topic.name)?.partitions.length ?? 0;
  if (actual === topic.partitions) return [];
  return [{ topic: topic.name, setting: 'partitions', expected: String(topic.partitions), actual: String(actual) }];
}

function settingDrift(topic: TopicDeclaration, actual: Readonly<Record<string, string>>): readonly TopicDrift[] {
  return Object.entries(settingsOf(topic)).flatMap(([setting, expected]) =>
    actual[setting] === expected ? [] : [{ topic: topic.name, setting, expected, actual: actual[setting] ?? '(not set)' }],
  );
}

/** `node dist/ensure-topics.js` with KAFKA_BROKERS: prints what was done; exit code 2 when a topic is not as declared. */
async function main(): Promise<void> {
  const brokers = process.env['KAFKA_BROKERS'];
  if (brokers === undefined) throw new Error('KAFKA_BROKERS is not set (host:port,host:port)');
  const result = await ensureTopics({ brokers, security: kafkaSecurityFromEnvironment(process.env) });
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  if (result.drift.length > 0) process.exitCode = 2;
}

if (import.meta.main) await main();
