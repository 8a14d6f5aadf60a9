import { HOP_BY_HOP_HEADERS, INTERNAL_HEADER_PREFIX } from '@ecolink/contracts';

/** Never for a pod: whose they are is decided here (`authorization`, `host`), or they belong to the caller alone. */
const NOT_FOR_PODS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'host', 'expect']);
const NONE: ReadonlySet<string> = new Set();

/**
 * The headers a pod gets, as flat name-value pairs in the caller's order and spelling, duplicates included.
 * @param apiKey the pod's own key; takes the place of whatever authorization the caller had.
 */
export function headersForPod(rawHeaders: readonly string[], apiKey: string | null): string[] {
  const kept = keepForwardable(rawHeaders, NOT_FOR_PODS);
  if (apiKey !== null) kept.push('authorization', `Bearer ${apiKey}`);
  return kept;
}

/** The headers of a pod's answer that go on to the caller, likewise. */
export function headersFromPod(rawHeaders: readonly Buffer[]): string[] {
  return keepForwardable(
    rawHeaders.map((part) => part.toString('latin1')),
    NONE,
  );
}

function keepForwardable(rawHeaders: readonly string[], refused: ReadonlySet<string>): string[] {
  const connectionNames = namedInConnection(rawHeaders);
  const kept: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const lowerCase = name.toLowerCase();
    if (HOP_BY_HOP_HEADERS.has(lowerCase) || refused.has(lowerCase) || connectionNames.has(lowerCase)) continue;
    if (lowerCase.startsWith(INTERNAL_HEADER_PREFIX)) continue;
    kept.push(name, rawHeaders[index + 1] ?? '');
  }
  return kept;
}

/** RFC 9110, section 7.6.1: whatever `Connection` names is meant for this connection only. */
function namedInConnection(rawHeaders: readonly string[]): ReadonlySet<string> {
  let names: Set<string> | undefined;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.length !== 'connection'.length || rawHeaders[index]?.toLowerCase() !== 'connection') continue;
    for (const name of (rawHeaders[index + 1] ?? '').split(',')) (names ??= new Set()).add(name.trim().toLowerCase());
  }
  return names ?? NONE;
}
