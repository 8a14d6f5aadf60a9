import { TOPIC, TOPICS, type TopicDeclaration, type TopicName } from '../topics.js';
import { buildEventSchemas, type EventSchema } from './build-event-schemas.js';
import { EVENT_CONTRACTS } from './event-contracts.js';

const BINDING_VERSION = '0.5.0';

const DESCRIPTION = [
  'Every topic of the bus. CloudEvents 1.0 over Kafka in binary mode: the attributes are headers, the value is the data as JSON.',
  'A topic has one writer, its owner. Events of one key keep their order, and arrive at least once: deduplicate by `ce_source` and `ce_id`.',
  'Event topics keep every event for `retention.ms`. State topics are compacted: each record is the whole state of one thing, and the highest `version` counts.',
  'Within a major version fields are only added, always optional: ignore those you do not know. Anything else is a new topic.',
  'Money is a decimal string of nano-USD (1 USD = 1000000000). Times are RFC 3339, UTC.',
].join('\n');

const SERVERS = {
  kafka: {
    host: '{host}:{port}',
    protocol: 'kafka',
    description:
      'Kafka of the distributed product. On one machine the operators\u2019 `GET /admin/v1/events` reads the same events.',
    variables: { host: { default: '127.0.0.1' }, port: { default: '9092' } },
  },
};

/** The AsyncAPI 3.0 document of every topic, made from `TOPICS` and the schemas that validate. Pure; always the same. */
export function buildAsyncApi(): EventSchema {
  const schemas = buildEventSchemas();
  const names = Object.values(TOPIC);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'EcoLink events',
      version: '1',
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: SERVERS,
    channels: byTopic(names, (topic) => channelOf(topic)),
    operations: Object.fromEntries(names.map((topic) => [`${declared(topic).owner}.${topic}`, operationOf(topic)])),
    components: {
      messages: byTopic(names, (topic) => messageOf(topic)),
      schemas: byTopic(names, (topic) => payloadOf(schemas[topic])),
    },
  };
}

function byTopic(names: readonly TopicName[], build: (topic: TopicName) => EventSchema): EventSchema {
  return Object.fromEntries(names.map((topic) => [topic, build(topic)]));
}

function declared(name: TopicName): TopicDeclaration {
  const declaration = TOPICS.find((topic) => topic.name === name);
  if (declaration === undefined) throw new Error(`${name} is not declared in TOPICS`);
  return declaration;
}

function channelOf(topic: TopicName): EventSchema {
  const { key, kind, owner, partitions } = declared(topic);
  return {
    address: topic,
    title: EVENT_CONTRACTS[topic].title,
    summary: EVENT_CONTRACTS[topic].summary,
    description: `Written by ${owner}. Key: \`${key}\`. ${kind === 'state' ? 'State topic.' : 'Event topic.'}`,
    servers: [{ $ref: '#/servers/kafka' }],
    messages: { [topic]: { $ref: `#/components/messages/${topic}` } },
    tags: [{ name: kind }, { name: owner }],
    'x-ecolink-key': key,
    bindings: {
      kafka: { topic, partitions, topicConfiguration: topicConfigurationOf(declared(topic)), bindingVersion: BINDING_VERSION },
    },
  };
}

function topicConfigurationOf({ kind, retentionMs }: TopicDeclaration): EventSchema {
  switch (kind) {
    case 'state':
      return { 'cleanup.policy': ['compact'] };
    case 'event':
      return { 'cleanup.policy': ['delete'], 'retention.ms': retentionMs };
  }
}

function operationOf(topic: TopicName): EventSchema {
  const { owner } = declared(topic);
  return {
    action: 'send',
    channel: { $ref: `#/channels/${topic}` },
    title: `${owner} publishes ${EVENT_CONTRACTS[topic].title}`,
    messages: [{ $ref: `#/channels/${topic}/messages/${topic}` }],
    tags: [{ name: owner }],
  };
}

function messageOf(topic: TopicName): EventSchema {
  const { key } = declared(topic);
  return {
    name: topic,
    title: EVENT_CONTRACTS[topic].title,
    summary: EVENT_CONTRACTS[topic].summary,
    contentType: 'application/json',
    headers: headersOf(topic),
    payload: { $ref: `#/components/schemas/${topic}` },
    bindings: {
      kafka: { key: { type: 'string', description: `\`${key}\` of the data, as text` }, bindingVersion: BINDING_VERSION },
    },
  };
}

/** CloudEvents 1.0, Kafka protocol binding, binary content mode. */
function headersOf(topic: TopicName): EventSchema {
  const properties = {
    ce_specversion: { type: 'string', const: '1.0' },
    ce_id: { type: 'string', description: 'Unique together with `ce_source`.' },
    ce_source: { type: 'string', description: 'Who made it, for example `router/router-1` or `auth-billing`.' },
    ce_type: { type: 'string', const: topic },
    ce_time: { type: 'string', format: 'date-time' },
    'content-type': { type: 'string', const: 'application/json' },
  };
  return { type: 'object', properties, required: Object.keys(properties) };
}

/** AsyncAPI's own dialect is a superset of draft 07; the schemas use nothing that reads differently there. */
function payloadOf({ $schema: _, $id: __, ...schema }: EventSchema): EventSchema {
  return schema;
}
