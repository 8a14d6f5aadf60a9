import { z } from 'zod';
import { formatIpNetwork, parseIpNetwork } from '../ip-address.js';
import { openObject } from '../open-object.js';
import { plainText } from './plain-text.js';

/** Entries of one list: enough for a team's networks, few enough to be looked through on every call. */
export const KEY_ALLOW_MAX = 100;

/** The endpoint of calls to a custom instance, whatever its id. */
export const PROXY_ENDPOINT = '/inference-instances/{id}/proxy';

/** What `allow.endpoints` may name. Listing models needs no entry: the list shows what the rest of the limits leave. */
export const KEY_ENDPOINTS = [
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/responses',
  '/v1/messages',
  '/v1/embeddings',
  '/v1/rerank',
  '/v1/images/generations',
  '/v1/images/edits',
  '/v1/audio/speech',
  '/v1/audio/transcriptions',
  '/v1/video/generations',
  PROXY_ENDPOINT,
] as const;

const regionCode = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'is not a region code');
const network = z
  .string()
  .max(64)
  .refine((text) => parseIpNetwork(text) !== undefined, 'must be an IP address or a network in CIDR notation, e.g. 10.0.0.0/8');

function listOfAllowed<Item extends z.ZodType>(item: Item) {
  return z.array(item).max(KEY_ALLOW_MAX).nullable().optional();
}

/**
 * What a key may be used for. A list that is left out, or null, does not limit; an empty one allows nothing. All lists hold
 * at once. A model is named by its bare name (`my-llama`, `org/model`) or with its instance (`my-llama:142`).
 */
export const keyAllow = z.strictObject({
  instances: listOfAllowed(z.int().min(1)),
  models: listOfAllowed(plainText(256)),
  endpoints: listOfAllowed(z.enum(KEY_ENDPOINTS)),
  regions: listOfAllowed(regionCode),
  networks: listOfAllowed(network),
});
export type KeyAllow = z.infer<typeof keyAllow>;

/** As it is kept and published: only the lists that limit. */
export const keyAllowed = openObject({
  instances: z.array(z.int()).optional(),
  models: z.array(z.string()).optional(),
  endpoints: z.array(z.string()).optional(),
  regions: z.array(z.string()).optional(),
  networks: z.array(z.string()).optional(),
});
export type KeyAllowed = z.infer<typeof keyAllowed>;

/** Without repetitions and in one spelling; null where nothing limits. */
export function normaliseAllow(allow: KeyAllow | null | undefined): KeyAllowed | null {
  const lists = Object.entries(allow ?? {}).flatMap(([name, list]): [string, unknown[]][] => {
    if (list === null || list === undefined) return [];
    const entries = name === 'networks' ? list.map((text) => networkText(String(text))) : list;
    return [[name, [...new Set<unknown>(entries)]]];
  });
  return lists.length === 0 ? null : keyAllowed.parse(Object.fromEntries(lists));
}

function networkText(text: string): string {
  const parsed = parseIpNetwork(text);
  return parsed === undefined ? text : formatIpNetwork(parsed);
}
