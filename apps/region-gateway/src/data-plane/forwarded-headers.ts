import { HeaderRule, INTERNAL_HEADER_PREFIX, type RawHeaders } from '@ecolink/contracts';

/** Never for a pod: whose they are is decided here (`authorization`, `host`), or they belong to the caller alone. */
const NOT_FOR_PODS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'host', 'expect']);

const toPod = new HeaderRule((name) => NOT_FOR_PODS.has(name) || name.startsWith(INTERNAL_HEADER_PREFIX));
const fromPod = new HeaderRule((name) => name.startsWith(INTERNAL_HEADER_PREFIX));

/**
 * The headers a pod gets, as flat name-value pairs in the caller's order and spelling, duplicates included.
 * @param apiKey the pod's own key; takes the place of whatever authorization the caller had.
 */
export function headersForPod(rawHeaders: RawHeaders, apiKey: string | null): string[] {
  const kept = toPod.forwardable(rawHeaders);
  if (apiKey !== null) kept.push('authorization', `Bearer ${apiKey}`);
  return kept;
}

/** The headers of a pod's answer that go on to the caller, likewise. */
export function headersFromPod(rawHeaders: readonly Buffer[]): string[] {
  return fromPod.forwardable(rawHeaders.map((part) => part.toString('latin1')));
}
