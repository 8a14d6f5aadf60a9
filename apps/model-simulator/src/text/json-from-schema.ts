type Schema = Readonly<Record<string, unknown>>;

const DEPTH_MAX = 12;
const ITEMS_MAX = 20;
const TEXT_MAX = 200;

/** Texts of formats that a validator may ask for. */
const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  time: '00:00:00Z',
  duration: 'PT1S',
  email: 'simulated@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

/**
 * A value of a JSON schema, the same for the same schema and prompt: all named properties, first choices, smallest numbers.
 * Texts repeat the prompt, so that one sees whose answer it is. Patterns are not obeyed.
 */
export function jsonFromSchema(schema: unknown, prompt: string): unknown {
  return new Generator(isObject(schema) ? schema : {}, prompt).valueOf(schema, 0);
}

class Generator {
  constructor(
    private readonly root: Schema,
    private readonly prompt: string,
  ) {}

  valueOf(given: unknown, depth: number): unknown {
    if (depth > DEPTH_MAX || !isObject(given)) return null;
    const schema = this.resolve(given, depth);
    if ('const' in schema) return schema['const'];
    if (Array.isArray(schema['enum'])) return (schema['enum'] as unknown[])[0] ?? null;
    const choices = schema['anyOf'] ?? schema['oneOf'];
    if (Array.isArray(choices)) return this.valueOf(choices[0], depth + 1);
    switch (typeOf(schema)) {
      case 'object':
        return this.objectOf(schema, depth);
      case 'array':
        return this.arrayOf(schema, depth);
      case 'integer':
        return numberOf(schema, 1);
      case 'number':
        return numberOf(schema, 0.5);
      case 'boolean':
        return true;
      case 'null':
        return null;
      default:
        return this.textOf(schema);
    }
  }

  /** Follows a reference within the document, and puts the parts of `allOf` together. */
  private resolve(schema: Schema, depth: number): Schema {
    const reference = schema['$ref'];
    if (typeof reference === 'string' && depth <= DEPTH_MAX) return this.resolve(this.lookUp(reference), depth + 1);
    const parts = Array.isArray(schema['allOf']) ? (schema['allOf'] as unknown[]).filter(isObject) : [];
    return parts.reduce<Schema>((merged, part) => merge(merged, this.resolve(part, depth + 1)), schema);
  }

  private lookUp(reference: string): Schema {
    let at: unknown = this.root;
    for (const step of reference.split('/').slice(1)) {
      const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
      at = isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined;
    }
    return isObject(at) ? at : {};
  }

  private objectOf(schema: Schema, depth: number): unknown {
    const properties = isObject(schema['properties']) ? schema['properties'] : {};
    return Object.fromEntries(Object.keys(properties).map((name) => [name, this.valueOf(properties[name], depth + 1)]));
  }

  private arrayOf(schema: Schema, depth: number): unknown[] {
    const first = Array.isArray(schema['prefixItems']) ? (schema['prefixItems'] as unknown[]) : [];
    const length = Math.min(Math.max(countOf(schema['minItems']) ?? 1, first.length), ITEMS_MAX);
    return Array.from({ length }, (_, index) => this.valueOf(first[index] ?? schema['items'] ?? {}, depth + 1));
  }

  private textOf(schema: Schema): string {
    const format = typeof schema['format'] === 'string' ? FORMATS[schema['format']] : undefined;
    if (format !== undefined) return format;
    const text = this.prompt.slice(0, countOf(schema['maxLength']) ?? TEXT_MAX);
    return text.padEnd(Math.min(countOf(schema['minLength']) ?? 0, TEXT_MAX), '.');
  }
}

function typeOf(schema: Schema): unknown {
  const { type } = schema;
  if (Array.isArray(type)) return (type as unknown[]).find((one) => one !== 'null') ?? 'null';
  if (type !== undefined) return type;
  if (isObject(schema['properties'])) return 'object';
  return schema['items'] === undefined ? 'string' : 'array';
}

function numberOf(schema: Schema, step: number): number {
  const above = schema['exclusiveMinimum'];
  const least = typeof above === 'number' ? above + step : schema['minimum'];
  const most = schema['maximum'];
  const multiple = schema['multipleOf'];
  let value = typeof least === 'number' ? least : typeof most === 'number' && most < 1 ? most : 1;
  if (typeof multiple === 'number' && multiple > 0) value = Math.ceil(value / multiple) * multiple;
  return value;
}

function merge(left: Schema, right: Schema): Schema {
  const properties = {
    ...(isObject(left['properties']) ? left['properties'] : {}),
    ...(isObject(right['properties']) ? right['properties'] : {}),
  };
  return { ...right, ...left, ...(Object.keys(properties).length === 0 ? {} : { properties }) };
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
