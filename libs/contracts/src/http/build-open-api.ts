import type { z } from 'zod';
import { componentSchemas, inlineSchema, type JsonSchema, referenceTo } from './components.js';
import type { Route, RouteTag } from './route.js';
import { errorsByStatus, takesIdempotencyKey } from './route-errors.js';
import { ROUTES } from './routes.js';
import { errorAnswer } from '../errors.js';
import { HEADER } from '../headers.js';

/** The methods that a path item can have and a proxy passes on. */
const PASSED_METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];

const OPERATORS_SERVER = {
  url: 'http://{host}:{port}',
  description: 'The operators\u2019 listener',
  variables: { host: { default: '127.0.0.1' }, port: { default: '8081' } },
};

const SECURITY: Readonly<Record<Route['auth'], readonly Record<string, never[]>[]>> = {
  none: [],
  key: [{ apiKey: [] }],
  principal: [{ sessionCookie: [] }, { apiKey: [] }],
  owner: [{ sessionCookie: [] }, { apiKey: [] }],
  session: [{ sessionCookie: [] }],
  admin: [{ adminToken: [] }],
};

const SECURITY_SCHEMES = {
  apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'eco_…', description: 'Management calls need the scope `management`.' },
  sessionCookie: {
    type: 'apiKey',
    in: 'cookie',
    name: 'ecolink_session',
    description: 'Calls that change something check `Origin`.',
  },
  adminToken: { type: 'http', scheme: 'bearer', description: 'A named token of an operator.' },
};

const TAGS: Readonly<Record<RouteTag, string>> = {
  inference: 'Calls to models, in the shapes that the SDKs speak',
  models: 'Models that an account serves with instances of its own',
  instances: 'Instances: launching, watching and ending them',
  'api-keys': 'Keys of an account and what each may do',
  billing: 'Balance, ledger and usage of an account',
  session: 'Signing up and in, and what people set for themselves',
  team: 'People, invites, settings and the log of an account',
  notifications: 'What an account is told, and by which channels',
  service: 'Whether the product serves, and what it speaks',
  operators: 'What operators do, on a listener of their own',
};

/** The OpenAPI 3.1 document of every public call, made from the schemas that validate. Pure; always the same. */
export function buildOpenApi(routes: readonly Route[] = ROUTES): JsonSchema {
  const paths: Record<string, JsonSchema> = {};
  for (const route of routes) {
    const item = (paths[route.path] ??= route.tag === 'operators' ? { servers: [OPERATORS_SERVER] } : {});
    for (const method of methodsOf(route)) item[method] = operationOf(route, method);
  }
  return {
    openapi: '3.1.1',
    info: { title: 'EcoLink', version: '1', description: DESCRIPTION, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/', description: 'Any router' }],
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name, description: TAGS[name] })),
    paths,
    components: { schemas: componentSchemas(), securitySchemes: SECURITY_SCHEMES },
  };
}

const DESCRIPTION = [
  'Money is a decimal string of nano-USD (1 USD = 1000000000). Times are RFC 3339, UTC.',
  'Lists are newest first; `after` goes on to older items, `before` back to newer ones.',
  `Every answer carries \`${HEADER.requestId}\`. Errors have one shape, \`Error\`.`,
].join('\n');

function methodsOf({ method }: Route): readonly string[] {
  return method === 'ANY' ? PASSED_METHODS : [method.toLowerCase()];
}

function operationOf(route: Route, method: string): JsonSchema {
  const parameters = [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)];
  return {
    operationId: operationId(route, method),
    tags: [route.tag],
    summary: route.summary,
    security: SECURITY[route.auth],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : { requestBody: { required: true, content: bodyContent(route, route.body) } }),
    responses: responsesOf(route),
  };
}

/** `POST /api/v1/instances/{id}/stop` → `postApiV1InstancesIdStop`. */
function bodyContent({ bodyType }: Route, body: z.ZodType): JsonSchema {
  const schema = referenceTo(body);
  return bodyType === undefined ? json(schema) : { [bodyType]: { schema } };
}

function operationId(route: Route, method: string): string {
  const words = route.path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function pathParameters(route: Route): JsonSchema[] {
  return [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
    const schema = route.params?.[name];
    return { name, in: 'path', required: true, schema: schema === undefined ? { type: 'string' } : inlineSchema(schema) };
  });
}

function queryParameters({ query }: Route): JsonSchema[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = inlineSchema(query) as { properties?: Record<string, unknown>; required?: string[] };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: required.includes(name), schema }));
}

function headerParameters(route: Route): JsonSchema[] {
  if (!takesIdempotencyKey(route)) return [];
  const description = 'The same key gives the same answer for 24 hours, marked `idempotent-replayed: true`.';
  const schema = { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]*$' };
  return [{ name: 'Idempotency-Key', in: 'header', required: false, description, schema }];
}

const REDIRECT_STATUS_MIN = 300;

function responsesOf(route: Route): JsonSchema {
  const responses: JsonSchema = { [route.status]: { description: route.summary, ...contentOf(route) } };
  for (const [status, codes] of errorsByStatus(route)) {
    const description = codes.map((code) => `\`${code}\``).join(', ');
    responses[status] = { description, content: json(referenceTo(errorAnswer)) };
  }
  // A redirect is no success by itself: tools are told what everything but the redirect looks like.
  if (route.status >= REDIRECT_STATUS_MIN)
    responses['default'] = { description: 'Any other refusal', content: json(referenceTo(errorAnswer)) };
  return responses;
}

function contentOf({ response, alsoAnswers = [] }: Route): JsonSchema {
  if (response === undefined && alsoAnswers.length === 0) return {};
  const others = Object.fromEntries(alsoAnswers.map((mediaType) => [mediaType, {}]));
  return { content: { ...(response === undefined ? {} : json(referenceTo(response))), ...others } };
}

function json(schema: JsonSchema): JsonSchema {
  return { 'application/json': { schema } };
}
