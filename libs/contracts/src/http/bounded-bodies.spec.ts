import { z } from 'zod';
import { ROUTES } from './routes.js';

interface Schema {
  readonly type?: string | readonly string[];
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly maxItems?: number;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

/** Calls of people and operators; models' calls pass unknown members on to the model. */
const managed = ROUTES.filter(({ path, body }) => body !== undefined && /^\/(api|admin)\/v1\//.test(path)).map(
  (route) => [`${route.method} ${route.path}`, route.body] as const,
);

/** Whether a pattern repeats nothing for as long as it likes. */
function endsSomewhere(pattern: string | undefined): boolean {
  if (pattern === undefined) return false;
  const withoutClasses = pattern.replaceAll(/\\.|\[(?:\\.|[^\]])*\]/g, 'x');
  return /^\^.*\$$/.test(withoutClasses) && !/[*+]|\{\d*,\}/.test(withoutClasses);
}

/** Paths of texts in a body that may be of any length. */
function unbounded(schema: Schema, path = ''): string[] {
  const below = [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, member]) => unbounded(member, `${path}.${name}`)),
    ...(schema.items === undefined ? [] : unbounded(schema.items, `${path}[]`)),
    ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].flatMap((each) => unbounded(each, path)),
  ];
  const isText = schema.type === 'string' && schema.enum === undefined && schema.const === undefined;
  const hasBound = schema.maxLength !== undefined || schema.format !== undefined || endsSomewhere(schema.pattern);
  return isText && !hasBound ? [...below, path] : below;
}

describe('bodies of management calls', () => {
  it('are more than a few', () => {
    expect(managed.length).toBeGreaterThan(30);
  });

  it.each(managed)('%s refuses an unknown member by its name', (_name, body) => {
    // A body of several kinds looks at the rest once it knows which it is.
    const given = [{ nonsense_member: 1 }, { kind: 'email', nonsense_member: 1 }];
    const issues = given.flatMap((each) => body?.safeParse(each).error?.issues ?? []);
    expect(JSON.stringify(issues)).toContain('nonsense_member');
  });

  it.each(managed)('%s bounds every text', (_name, body) => {
    if (body === undefined) throw new Error('no body');
    expect(unbounded(z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' }) as Schema)).toEqual([]);
  });
});
