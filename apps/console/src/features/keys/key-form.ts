import { createApiKey, type KeyAllow } from '@ecolink/contracts';
import { fieldErrors } from '../../api/field-errors.js';
import type { ApiKey } from './queries.js';

export const LIMITS = ['instances', 'models', 'endpoints', 'regions', 'networks'] as const;
export type Limit = (typeof LIMITS)[number];

export const EXPIRIES = ['never', '7', '30', '90', '365', 'date'] as const;
/** Days from now; or never, on a day, or as the key has it now. */
export type Expiry = (typeof EXPIRIES)[number] | 'keep';

export interface KeyValues {
  readonly name: string;
  readonly tag: string;
  readonly scopes: readonly string[];
  readonly expiry: Expiry;
  /** `2026-12-31`, for `expiry: 'date'`; the key serves until the end of that day, UTC. */
  readonly date: string;
  /** Null does not limit; an empty list allows nothing. */
  readonly instances: readonly string[] | null;
  readonly models: readonly string[] | null;
  readonly endpoints: readonly string[] | null;
  readonly regions: readonly string[] | null;
  readonly networks: readonly string[] | null;
}

/** Lists are there or left out, never undefined. */
type Allow = { [Limited in keyof KeyAllow]: Exclude<KeyAllow[Limited], undefined> };

const DAY_MS = 86_400_000;
const FIELDS: Readonly<Record<string, string>> = {
  name: 'name',
  source_tag: 'tag',
  scopes: 'scopes',
  expires_at: 'expiry',
  ...Object.fromEntries(LIMITS.map((limit) => [limit, limit])),
};

export const NEW_KEY: KeyValues = {
  name: '',
  tag: '',
  scopes: ['inference'],
  expiry: 'never',
  date: '',
  instances: null,
  models: null,
  endpoints: null,
  regions: null,
  networks: null,
};

export function valuesOf(key: ApiKey): KeyValues {
  return {
    name: key.name,
    tag: key.source_tag ?? '',
    scopes: key.scopes,
    expiry: key.expires_at === null ? 'never' : 'keep',
    date: '',
    instances: key.allow?.instances?.map(String) ?? null,
    models: key.allow?.models ?? null,
    endpoints: key.allow?.endpoints ?? null,
    regions: key.allow?.regions ?? null,
    networks: key.allow?.networks ?? null,
  };
}

/** The body as the API takes it, whole; `expires_at` is left out where the key keeps what it has. */
export function bodyOf(values: KeyValues, now = Date.now()) {
  const allow = allowOf(values);
  return {
    name: values.name.trim(),
    source_tag: values.tag.trim() === '' ? null : values.tag.trim(),
    scopes: [...values.scopes] as ('inference' | 'management')[],
    allow: Object.keys(allow).length === 0 ? null : allow,
    ...(values.expiry === 'keep' ? {} : { expires_at: expiresAt(values, now) }),
  };
}

function allowOf(values: KeyValues): Allow {
  const lists = LIMITS.flatMap((limit): [string, unknown[]][] => {
    const list = values[limit];
    if (list === null) return [];
    return [[limit, limit === 'instances' ? list.map(instanceId) : [...list]]];
  });
  return Object.fromEntries(lists);
}

/** `142`, from it or from `my-llama:142`; what is neither stays for the schema to refuse. */
function instanceId(entry: string): number {
  return Number(entry.slice(entry.lastIndexOf(':') + 1));
}

function expiresAt({ expiry, date }: KeyValues, now: number): string | null {
  if (expiry === 'never') return null;
  if (expiry === 'date') return date === '' ? '' : `${date}T23:59:59Z`;
  return new Date(now + Number(expiry) * DAY_MS).toISOString();
}

/** What the server's own schema says is wrong, beside its field. */
export function validateKey(values: KeyValues): Record<string, string> {
  const parsed = createApiKey.safeParse(bodyOf(values));
  if (parsed.success) return {};
  const errors: Record<string, string> = {};
  for (const issue of parsed.error.issues) {
    Object.assign(errors, keyErrors({ param: issue.path.join('.'), message: issue.message }));
  }
  return errors;
}

/** `allow.networks[0]` is about the list of networks. */
export function keyErrors(problem: {
  readonly param: string | null;
  readonly message: string;
}): Record<string, string> | undefined {
  return fieldErrors({ message: problem.message, param: problem.param?.replace(/^allow\.(?=.)/, '') ?? null }, FIELDS);
}
