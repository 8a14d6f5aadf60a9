import { z } from 'zod';

const PORT_MAX = 65_535;

/** A comma-separated list; empty parts do not count. */
export const commaList = z.string().default('').transform(partsOf);

/** Operators' tokens, `name=token,name=token`: token → name. */
const adminTokens = z.string().transform((text, context) => {
  const tokens = new Map<string, string>();
  for (const part of partsOf(text)) {
    const [, name, token] = /^([A-Za-z0-9._-]{1,64})=(\S{16,})$/.exec(part) ?? [];
    if (name === undefined || token === undefined) {
      context.addIssue({ code: 'custom', message: 'must be name=token pairs with tokens of at least 16 characters' });
      return z.NEVER;
    }
    tokens.set(token, name);
  }
  return tokens;
});

function partsOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Variables that every service reads; each adds its own beside them. Secrets have no defaults. */
export const SERVICE_VARIABLES = {
  ECOLINK_HOST: z.string().min(1).default('127.0.0.1'),
  ECOLINK_PORT: z.coerce.number().int().min(0).max(PORT_MAX).default(0),
  ECOLINK_INTERNAL_SECRET: z.string().min(16),
  KAFKA_BROKERS: z.string().min(1).optional(),
};

/** Variables of services with a database and operators. */
export const OWNER_VARIABLES = {
  ...SERVICE_VARIABLES,
  DATABASE_URL: z.string().min(1),
  ECOLINK_ADMIN_TOKENS: adminTokens,
};

/** Reads the environment; a missing or wrong value stops the start, named. */
export function readEnvironment<Schema extends z.ZodType>(schema: Schema, variables: NodeJS.ProcessEnv): z.output<Schema> {
  const result = schema.safeParse(variables);
  if (result.success) return result.data;
  throw new Error(`configuration: ${result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`);
}
