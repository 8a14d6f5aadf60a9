/** Header names of the product, lower case as Node delivers them. */
export const HEADER = {
  region: 'x-ecolink-region',
  requestId: 'x-ecolink-request-id',
  /** The same value under the name that clients, pods and proxies know. */
  clientRequestId: 'x-request-id',
  traceParent: 'traceparent',
  instance: 'x-ecolink-instance',
  /** Shared secret of internal HTTP and between router and gateway. */
  internalSecret: 'x-ecolink-internal-secret',
  /** From a router to an owner: the address that the client's connection came from. */
  clientAddress: 'x-ecolink-client-address',
  /** On answers that the gateway itself makes: why no pod answered. */
  gatewayError: 'x-ecolink-gateway-error',
  /** `yes` when a pod may have got the request, `no` when it surely did not. */
  sent: 'x-ecolink-sent',
  /** The pod that an error comes from, or an answer to a call that names pods it has tried. */
  pod: 'x-ecolink-pod',
  /** `yes` where a pod's answer says that it does not take the key that EcoLink sends it. */
  keyRefused: 'x-ecolink-key-refused',
  /** From a router: pods, with commas, that this call must not get while there are others. */
  triedPods: 'x-ecolink-tried-pods',
  /** From a router: pods, with commas, that failed a call which another pod then answered well. */
  failedPods: 'x-ecolink-failed-pods',
  /** From a router: what calls that belong together have in common, where the instance's strategy asks for it. */
  affinity: 'x-ecolink-affinity',
  /** From a router: how many tokens the call may keep a pod busy with, likewise. */
  callTokens: 'x-ecolink-call-tokens',
  /** From a router to an owner whose state it asks for: which router it is, and how old what it has is. */
  router: 'x-ecolink-router',
  stateAges: 'x-ecolink-state-ages',
  shouldRetry: 'x-should-retry',
} as const;

/** Everything with this prefix is ours: never taken from a client, a pod, or passed to one. */
export const INTERNAL_HEADER_PREFIX = 'x-ecolink-';

/** RFC 9110 section 7.6.1: meant for one connection, never forwarded. Names listed in `Connection` join them. */
const HOP_BY_HOP_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Headers as they stand on the wire, flat: name, value, name, value …, in the sender's order and spelling. */
export type RawHeaders = readonly string[];

type Decision = 'keep' | 'drop' | 'connection';

/** Spellings whose decision is remembered, and their length; whoever sends others is only served a little slower. */
const REMEMBERED_MAX = 1_000;
const REMEMBERED_LENGTH_MAX = 64;

/** Names of the last headers, of which the first ones mostly come again in the same order. */
const LAST_NAMES_MAX = 64;

/**
 * Which headers may go on to the next server: all but those of the connection, those that `Connection` names, and those
 * that `isDropped` (asked with the name in lower case) refuses. The same few names come with every call, so what was
 * decided of a spelling is remembered, and at which place it stood: comparing two names costs less than looking one up.
 */
export class HeaderRule {
  private readonly decisions = new Map<string, Decision>();
  private readonly lastNames: string[] = [];
  private readonly lastDecisions: Decision[] = [];

  constructor(private readonly isDropped: (lowerCaseName: string) => boolean) {}

  /** The headers that go on, in their order and spelling, duplicates included. */
  forwardable(raw: RawHeaders): string[] {
    const kept: string[] = [];
    let bound: Set<string> | undefined;
    for (let index = 0; index + 1 < raw.length; index += 2) {
      const name = raw[index] ?? '';
      const value = raw[index + 1] ?? '';
      const decision = this.decisionOf(name, index >> 1);
      if (decision === 'keep') kept.push(name, value);
      else if (decision === 'connection') bound = boundNames(value, bound);
    }
    return bound === undefined ? kept : withoutBound(kept, bound);
  }

  private decisionOf(name: string, place: number): Decision {
    const last = this.lastDecisions[place];
    if (last !== undefined && this.lastNames[place] === name) return last;
    const decision = this.decisions.get(name) ?? this.decide(name);
    if (place < LAST_NAMES_MAX && name.length <= REMEMBERED_LENGTH_MAX) {
      this.lastNames[place] = name;
      this.lastDecisions[place] = decision;
    }
    return decision;
  }

  private decide(name: string): Decision {
    const lowerCaseName = name.toLowerCase();
    const isLost = HOP_BY_HOP_HEADERS.has(lowerCaseName) || this.isDropped(lowerCaseName);
    const decision = lowerCaseName === 'connection' ? 'connection' : isLost ? 'drop' : 'keep';
    if (this.decisions.size < REMEMBERED_MAX && name.length <= REMEMBERED_LENGTH_MAX) this.decisions.set(name, decision);
    return decision;
  }
}

/** RFC 9110, section 7.6.1: whatever `Connection` names is meant for this connection only. Nothing where it names no header. */
function boundNames(value: string, known: Set<string> | undefined): Set<string> | undefined {
  if (value === 'keep-alive' || value === 'close') return known;
  const names = known ?? new Set();
  for (const name of value.split(',')) names.add(name.trim().toLowerCase());
  return names;
}

function withoutBound(headers: RawHeaders, bound: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    if (!bound.has(name.toLowerCase())) kept.push(name, headers[index + 1] ?? '');
  }
  return kept;
}

/** The value of the first header of this name (given in lower case). */
export function headerValue(raw: RawHeaders, lowerCaseName: string): string | undefined {
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (isNamed(raw[index], lowerCaseName)) return raw[index + 1];
  }
  return undefined;
}

/** The values of all headers of this name (given in lower case), in their order. */
export function headerValues(raw: RawHeaders, lowerCaseName: string): string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (isNamed(raw[index], lowerCaseName)) values.push(raw[index + 1] ?? '');
  }
  return values;
}

function isNamed(name: string | undefined, lowerCaseName: string): boolean {
  return name?.length === lowerCaseName.length && name.toLowerCase() === lowerCaseName;
}
