import { z } from 'zod';
import { ERRORS } from '../errors.js';
import { buildOpenApi } from './build-open-api.js';
import { componentSchemas } from './components.js';
import type { Route } from './route.js';
import { ROUTES } from './routes.js';

// Looked into field by field.
type Json = ReturnType<typeof JSON.parse>;

const document: Json = JSON.parse(JSON.stringify(buildOpenApi()));

function valuesOf(key: string, value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [...(name === key ? [inner] : []), ...valuesOf(key, inner)]);
}

describe('the OpenAPI document', () => {
  it('refers to nothing that it does not hold, and holds nothing outside its names', () => {
    const references = new Set(
      valuesOf('$ref', document).map((reference) => String(reference).replace('#/components/schemas/', '')),
    );
    const names = new Set(Object.keys(document.components.schemas));
    expect([...references].filter((name) => !names.has(name))).toEqual([]);
    expect([...names].filter((name) => name.startsWith('__'))).toEqual([]);
  });

  it('names every call once', () => {
    const ids = valuesOf('operationId', document);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(ROUTES.map(({ method, path }) => `${method} ${path}`)).size).toBe(ROUTES.length);
  });

  it('describes every parameter of every path', () => {
    for (const [path, item] of Object.entries<Record<string, Json>>(document.paths)) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const [method, operation] of Object.entries(item)) {
        if (method === 'servers') continue;
        const described = (operation.parameters ?? []).filter((parameter: Json) => parameter.in === 'path');
        expect(described.map((parameter: Json) => parameter.name)).toEqual(named);
      }
    }
  });

  it('says money is a decimal string, and what a limit in a query may be', () => {
    expect(document.components.schemas.NanoUsd).toMatchObject({ type: 'string', pattern: expect.any(String) });
    expect(document.components.schemas.Transaction.properties.amount_nano_usd).toEqual({ $ref: '#/components/schemas/NanoUsd' });
    const limit = document.paths['/api/v1/models'].get.parameters.find((parameter: Json) => parameter.name === 'limit');
    expect(limit).toEqual({
      name: 'limit',
      in: 'query',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
    });
  });

  it('has the operators’ calls, and only those, on the operators’ listener with an operator’s token', () => {
    for (const [path, item] of Object.entries<Record<string, Json>>(document.paths)) {
      const isOperators = path.startsWith('/admin/v1/') || path === '/metrics';
      expect([path, item['servers'] !== undefined]).toEqual([path, isOperators]);
      if (path.startsWith('/admin/v1/'))
        for (const operation of Object.values(item).filter((value) => 'operationId' in value))
          expect(operation.security).toEqual([{ adminToken: [] }]);
    }
  });

  it('offers an Idempotency-Key on every POST of an account or an operator', () => {
    for (const { method, path } of ROUTES.filter((route) => /^\/(api|admin)\/v1\//.test(route.path))) {
      const operation = document.paths[path][method.toLowerCase()];
      const takesKey = (operation.parameters ?? []).some((parameter: Json) => parameter.name === 'Idempotency-Key');
      // Before an account is known there is none that a key could belong to.
      const hasAccount = operation.security.some((way: Json) => 'apiKey' in way || 'adminToken' in way);
      expect([method, path, takesKey]).toEqual([method, path, method === 'POST' && hasAccount]);
    }
  });

  it('has every error code of the product in its one error schema, and each refusal under its status', () => {
    expect(document.components.schemas.Error.properties.error.properties.code.enum).toEqual(Object.keys(ERRORS));
    const { responses } = document.paths['/v1/chat/completions'].post;
    expect(responses['402'].description).toBe(
      '`model_not_priced`, `instance_credit_depleted`, `insufficient_balance`, `budget_reached`',
    );
    expect(responses['402'].content['application/json'].schema).toEqual({ $ref: '#/components/schemas/Error' });
  });

  it('shows both forms of a launch, which its validating schema tells apart in code', () => {
    expect(componentSchemas()['LaunchInstance']).toEqual({
      oneOf: [{ $ref: '#/components/schemas/LaunchOnGpus' }, { $ref: '#/components/schemas/LaunchExternal' }],
    });
  });

  it('can be read by tools in other languages: each operation says what success is, and no pattern names Unicode properties', () => {
    for (const [path, item] of Object.entries<Json>(document.paths))
      for (const operation of Object.values(item).filter((value: Json) => 'operationId' in value) as Json[]) {
        const answers = Object.keys(operation.responses).filter((status) => /^(2\d\d|default)$/.test(status));
        expect([path, answers.length > 0]).toEqual([path, true]);
      }
    expect(JSON.stringify(document)).not.toMatch(/\\\\p\{/);
  });

  it('cannot be made of a route whose schema has no name', () => {
    const routes = ROUTES.slice(0, 1).map((route): Route => ({ ...route, body: z.object({}) }));
    expect(() => buildOpenApi(routes)).toThrow('has no name');
  });
});
