import { z } from 'zod';
import { TOPIC, TOPICS } from '../topics.js';
import { buildAsyncApi } from './build-async-api.js';
import { buildEventSchemas } from './build-event-schemas.js';

// Looked into field by field.
type Json = ReturnType<typeof JSON.parse>;

const document: Json = JSON.parse(JSON.stringify(buildAsyncApi()));
const schemas: Record<string, Json> = JSON.parse(JSON.stringify(buildEventSchemas()));

/** Keywords that AsyncAPI's own dialect, draft 07, and 2020-12 read alike. */
const SHARED_KEYWORDS = new Set([
  ...['type', 'title', 'description', 'properties', 'required', 'items', 'anyOf', 'enum', 'const', 'format', 'pattern'],
  ...[
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'minLength',
    'maxLength',
    'minItems',
    'maxItems',
    'additionalProperties',
    'propertyNames',
  ],
]);

function subschemas(schema: Json): Json[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const below = [schema.items, schema.additionalProperties, schema.propertyNames, ...(schema.anyOf ?? [])];
  return [schema, ...[...below, ...Object.values(schema.properties ?? {})].flatMap(subschemas)];
}

function resolve(reference: string): unknown {
  return reference
    .split('/')
    .slice(1)
    .reduce<Json>((value, name) => value?.[name], document);
}

function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => (name === '$ref' ? [String(inner)] : references(inner)));
}

describe('the AsyncAPI document', () => {
  it('has a channel for every declared topic, with its key, partitions, retention and compaction', () => {
    expect(Object.keys(document.channels).sort()).toEqual(TOPICS.map((topic) => topic.name).sort());
    expect(document.channels[TOPIC.ledgerPosted].bindings.kafka).toEqual({
      topic: TOPIC.ledgerPosted,
      partitions: 6,
      topicConfiguration: { 'cleanup.policy': ['delete'], 'retention.ms': 30 * 24 * 60 * 60 * 1000 },
      bindingVersion: '0.5.0',
    });
    expect(document.channels[TOPIC.keyChanged].bindings.kafka.topicConfiguration).toEqual({ 'cleanup.policy': ['compact'] });
    expect(document.components.messages[TOPIC.keyChanged].bindings.kafka.key.description).toBe('`key_hash` of the data, as text');
  });

  it('says of every topic who publishes it', () => {
    for (const { name, owner } of TOPICS)
      expect(document.operations[`${owner}.${name}`]).toMatchObject({ action: 'send', channel: { $ref: `#/channels/${name}` } });
    expect(Object.keys(document.operations)).toHaveLength(TOPICS.length);
  });

  it('refers to nothing that it does not hold', () => {
    expect(references(document).filter((reference) => resolve(reference) === undefined)).toEqual([]);
  });
});

describe.each(Object.entries(schemas))('the schema of %s', (topic, schema) => {
  it('has the key of the topic among its required fields', () => {
    expect(schema.required).toContain(TOPICS.find(({ name }) => name === topic)?.key);
  });

  it('lets readers ignore fields that are added later', () => {
    expect(subschemas(schema).filter(({ additionalProperties }) => additionalProperties === false)).toEqual([]);
  });

  it('uses only keywords that mean the same in the AsyncAPI document', () => {
    const { $schema: dialect, $id: id, ...body } = schema;
    expect(dialect).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(id).toBe(`urn:ecolink:event:${topic}`);
    expect(
      subschemas(body)
        .flatMap((each) => Object.keys(each))
        .filter((keyword) => !SHARED_KEYWORDS.has(keyword)),
    ).toEqual([]);
    expect(document.components.schemas[topic]).toEqual(body);
  });

  it('can be read back into a validator', () => {
    expect(() => z.fromJSONSchema(schema)).not.toThrow();
  });
});
