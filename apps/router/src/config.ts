import type { IpNetwork } from '@ecolink/contracts';

/** Everything a router is told from outside; limits have defaults that suit production. */
export interface RouterConfig {
  readonly routerId: string;
  readonly host: string;
  readonly port: number;
  /** Operators' listener: `/admin/v1` and `/metrics`. */
  readonly adminHost: string;
  readonly adminPort: number;
  readonly dataDirectory: string;
  /**
   * Holds the usage journal of every router of this machine, by its id; shared by all of them, it lets each publish what
   * another left. Never between containers: the journals' locks go by process ids. Default: `journal` in the data directory.
   */
  readonly journalDirectory?: string | undefined;
  readonly internalSecret: string;
  readonly authBillingUrl: string;
  readonly instanceRegistryUrl: string;
  readonly healthCheckerUrl: string;
  /** Where routers hear of each other; without it this one is alone. */
  readonly redisUrl?: string | undefined;
  /** Proxies in front whose word on a client's address is taken. Default: none. */
  readonly trustedProxies?: readonly IpNetwork[] | undefined;
  readonly limits: RouterLimits;
}

export interface RouterLimits {
  /** Bodies that the router reads. */
  readonly bodyBytesMax: number;
  /** All such bodies together, each held until its call is over. */
  readonly bodiesBytesMax: number;
  /** Between two pieces of a body that streams through while it is read. */
  readonly bodyIdleTimeoutMs: number;
  /** A body that is gathered must come at this rate on average over each `bodyPatienceMs`; a slower one is refused. */
  readonly bodySlowestBytesPerSecond: number;
  readonly bodyPatienceMs: number;
  /** Of a body of an account to which nothing could be served. */
  readonly unpaidBodyBytesMax: number;
  /** How long a client may take no byte though bytes wait for it. */
  readonly clientStallTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  /** Between two pieces of an answer. */
  readonly idleTimeoutMs: number;
  /** From a call's arrival to its last byte. */
  readonly totalTimeoutMs: number;
  /** After so long a silence in a stream the client gets a comment, so that nothing on the way takes it for dead. */
  readonly heartbeatIntervalMs: number;
  /** Beyond this age of its state a router is not ready. */
  readonly stateAgeMaxMs: number;
  readonly connectionsPerGatewayMax: number;
  /** Calls of one instance in one region at a time; so no instance takes all connections to a gateway. */
  readonly callsPerInstanceMax: number;
  /** Calls that a gateway gives one pod at a time: so many slots a healthy pod has. */
  readonly callsPerPodMax: number;
  /** Calls of one account at a time, a part of the connections to a gateway. */
  readonly callsPerAccountMax: number;
  /** An answer that is no stream is read whole for its usage; a larger one is refused with 502 and not billed. */
  readonly answerBytesMax: number;
  readonly journalQuotaBytes: number;
  /** How long a pod is waited for that has yet to report the usage of an answer whose client has left. */
  readonly leftUsageTimeoutMs: number;
  /** Origins whose pages may make inference calls from a browser; `*` stands for all. */
  readonly browserOrigins: readonly string[];
}

const MIB = 1_048_576;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

export const ROUTER_LIMITS: RouterLimits = {
  bodyBytesMax: 64 * MIB,
  bodiesBytesMax: 512 * MIB,
  bodyIdleTimeoutMs: MINUTE_MS,
  bodySlowestBytesPerSecond: 64 * 1_024,
  bodyPatienceMs: 30 * SECOND_MS,
  unpaidBodyBytesMax: MIB,
  clientStallTimeoutMs: MINUTE_MS,
  connectTimeoutMs: 2 * SECOND_MS,
  firstByteTimeoutMs: 10 * MINUTE_MS,
  idleTimeoutMs: 2 * MINUTE_MS,
  totalTimeoutMs: 60 * MINUTE_MS,
  heartbeatIntervalMs: 15 * SECOND_MS,
  stateAgeMaxMs: 30 * MINUTE_MS,
  connectionsPerGatewayMax: 16_384,
  callsPerInstanceMax: 4_096,
  callsPerPodMax: 1_024,
  callsPerAccountMax: 4_096,
  answerBytesMax: 32 * MIB,
  journalQuotaBytes: 256 * MIB,
  leftUsageTimeoutMs: 2 * SECOND_MS,
  browserOrigins: ['*'],
};
