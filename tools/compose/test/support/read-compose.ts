import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseYaml } from './parse-yaml.mjs';

export const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

export interface ComposeService {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly target: string };
  readonly command?: string | readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly read_only?: boolean;
  readonly mem_limit?: string;
  readonly pids_limit?: number;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly user?: string;
  readonly stop_grace_period?: string;
  readonly healthcheck?: { readonly test: readonly string[] };
}

export interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const VARIABLE = /\$\$|\$\{([A-Z_0-9]+)(?::([?-])([^}]*))?\}/g;

export function readText(file: string): string {
  return readFileSync(`${ROOT}${file}`, 'utf8');
}

/** The compose file as an engine would see it, with `${…}` filled in from `variables`; throws where a required one is missing. */
export function readCompose(variables: Readonly<Record<string, string>>, file = 'docker-compose.yml'): Compose {
  return interpolate(parseYaml(readText(file)), variables) as Compose;
}

/** Name → whether it has to be given. */
export function variablesOf(text: string): Map<string, boolean> {
  const found = new Map<string, boolean>();
  for (const [, name, operator] of text.matchAll(VARIABLE)) {
    if (name !== undefined) found.set(name, (found.get(name) ?? false) || operator !== '-');
  }
  return found;
}

export function parseEnvFile(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^([A-Z_0-9]+)=(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}

function interpolate(value: unknown, variables: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') return fill(value, variables);
  if (Array.isArray(value)) return value.map((item) => interpolate(item, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, interpolate(item, variables)]));
}

function fill(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(VARIABLE, (whole, name: string | undefined, operator: string | undefined, rest: string | undefined) => {
    if (name === undefined) return '$';
    const given = variables[name];
    if (given !== undefined && given !== '') return given;
    if (operator === '-') return rest ?? '';
    throw new Error(`${whole}: ${name} is not set`);
  });
}
