import { z } from 'zod';
import { TOPIC, type TopicName } from '../topics.js';
import { EVENT_CONTRACTS } from './event-contracts.js';

export type EventSchema = Record<string, unknown>;

/** The `data` of every topic's events as JSON Schema 2020-12, by topic. Pure; always the same. */
export function buildEventSchemas(): Readonly<Record<TopicName, EventSchema>> {
  const schemas = Object.values(TOPIC).map((topic) => [topic, eventSchemaOf(topic)]);
  return Object.fromEntries(schemas) as Record<TopicName, EventSchema>;
}

function eventSchemaOf(topic: TopicName): EventSchema {
  const { title, summary, schema } = EVENT_CONTRACTS[topic];
  const { $schema, ...body } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input', override: forReaders });
  return { $schema, $id: `urn:ecolink:event:${topic}`, title, description: summary, ...body };
}

function isAnything(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && Object.keys(schema).length === 0;
}

/**
 * Objects are open, though an owner may be strict about what it writes: fields are added, and a reader that refused
 * unknown ones would stop at the first.
 */
function forReaders({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.additionalProperties === false || isAnything(jsonSchema.additionalProperties))
    delete jsonSchema.additionalProperties;
  // The format says it; the pattern behind it is a screen wide.
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
}
