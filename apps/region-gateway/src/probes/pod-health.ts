import { assertNever } from '@ecolink/contracts';

/** What one probe found out. */
export type ProbeResult =
  | { readonly kind: 'ok'; readonly status: number }
  /** Refused, reset, or no such host: nothing listens there. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** An answer that says no: 503 while loading, 401 for our key, … */
  | { readonly kind: 'unhealthy'; readonly status: number; readonly reason: string }
  | { readonly kind: 'timeout'; readonly callInFlight: boolean };

/** The verdict on a pod and what it rests on. Times are milliseconds since the epoch. */
export interface PodHealth {
  readonly healthy: boolean;
  /** Null while healthy. */
  readonly reason: string | null;
  /** When `healthy` last changed. */
  readonly sinceMs: number;
  readonly successes: number;
  readonly failures: number;
  readonly timeouts: number;
  readonly lastProbeAtMs: number | null;
  readonly lastProbeStatus: number | null;
}

/** Two in a row, for the first time too: one answer may come from a server that is just dying or just starting. */
const SUCCESSES_TO_BE_UP = 2;
const FAILURES_TO_BE_DOWN = 2;
/** Busy engines are late with their answers; it takes more of these than of clear refusals. */
const TIMEOUTS_TO_BE_DOWN = 5;

const PROBE_INTERVAL_MS = 2_000;
const PROBE_INTERVAL_AFTER_FAILURE_MS = 1_000;
/** The second look at a pod that has just answered for the first time, so that it is in use within about a second. */
const PROBE_CONFIRMATION_MS = 100;

export function unprobed(nowMs: number): PodHealth {
  const counts = { successes: 0, failures: 0, timeouts: 0 };
  return { healthy: false, reason: 'not probed yet', sinceMs: nowMs, ...counts, lastProbeAtMs: null, lastProbeStatus: null };
}

/** The verdict after one more probe. */
export function afterProbe(health: PodHealth, result: ProbeResult, nowMs: number): PodHealth {
  const probed = { ...health, lastProbeAtMs: nowMs };
  switch (result.kind) {
    case 'ok':
      return succeeded({ ...probed, lastProbeStatus: result.status }, nowMs);
    case 'unreachable':
      return failed({ ...probed, lastProbeStatus: null }, result.reason, nowMs);
    case 'unhealthy':
      return failed({ ...probed, lastProbeStatus: result.status }, result.reason, nowMs);
    case 'timeout':
      return timedOut({ ...probed, lastProbeStatus: null }, result.callInFlight, nowMs);
    default:
      return assertNever(result);
  }
}

/** How long until the next probe, by what the last one found. */
export function nextProbeDelayMs(health: PodHealth, result: ProbeResult): number {
  if (result.kind !== 'ok') return PROBE_INTERVAL_AFTER_FAILURE_MS;
  return health.healthy ? PROBE_INTERVAL_MS : PROBE_CONFIRMATION_MS;
}

/** Whether enough probes have come in to say something about a pod that was just added. */
export function hasVerdict(health: PodHealth): boolean {
  return health.healthy || health.failures >= FAILURES_TO_BE_DOWN || health.timeouts >= FAILURES_TO_BE_DOWN;
}

function succeeded(health: PodHealth, nowMs: number): PodHealth {
  const counted = { ...health, successes: health.successes + 1, failures: 0, timeouts: 0 };
  if (health.healthy) return counted;
  if (counted.successes < SUCCESSES_TO_BE_UP) return { ...counted, reason: 'answers; a second probe confirms it' };
  return { ...counted, healthy: true, reason: null, sinceMs: nowMs };
}

function failed(health: PodHealth, reason: string, nowMs: number): PodHealth {
  const counted = { ...health, successes: 0, failures: health.failures + 1 };
  return counted.failures >= FAILURES_TO_BE_DOWN ? down(counted, reason, nowMs) : stillUndecided(counted, reason);
}

function timedOut(health: PodHealth, callInFlight: boolean, nowMs: number): PodHealth {
  // A pod that is at work on a call within its limits is alive, however late it answers probes.
  if (callInFlight) return health;
  const counted = { ...health, successes: 0, timeouts: health.timeouts + 1 };
  const reason = 'does not answer probes in time';
  return counted.timeouts >= TIMEOUTS_TO_BE_DOWN ? down(counted, reason, nowMs) : stillUndecided(counted, reason);
}

function down(health: PodHealth, reason: string, nowMs: number): PodHealth {
  return { ...health, healthy: false, reason, sinceMs: health.healthy ? nowMs : health.sinceMs };
}

function stillUndecided(health: PodHealth, reason: string): PodHealth {
  return health.healthy ? health : { ...health, reason };
}
