import { buildAsyncApi } from './events/build-async-api.js';
import { buildEventSchemas } from './events/build-event-schemas.js';
import { buildOpenApi } from './http/build-open-api.js';

/** Everything that is generated from the schemas and committed: text by path below `docs/contracts/`. */
export function contractFiles(): ReadonlyMap<string, string> {
  const schemas = Object.entries(buildEventSchemas()).map(([topic, schema]) => [`events/${topic}.schema.json`, schema] as const);
  const documents = [['openapi.json', buildOpenApi()] as const, ['asyncapi.json', buildAsyncApi()] as const, ...schemas];
  return new Map(documents.map(([path, document]) => [path, `${JSON.stringify(document, null, 2)}\n`]));
}
