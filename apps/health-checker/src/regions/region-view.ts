import type { GatewayPods } from '@ecolink/contracts';

/** One reading of a gateway. */
export type GatewayReading =
  { readonly kind: 'read'; readonly answer: GatewayPods } | { readonly kind: 'failed'; readonly reason: string };

/** What is known about a region's gateway. Times are milliseconds since the epoch. */
export interface RegionView {
  /** Readings that failed in a row. */
  readonly failures: number;
  readonly lastFailure: string | null;
  /** When the gateway began to count as unreachable. */
  readonly unreachableSinceMs: number | null;
  /** Since when the gateway says that it does not know its pods yet. */
  readonly unsynchronisedSinceMs: number | null;
  /** The last answer that was the whole truth. */
  readonly pods: GatewayPods['pods'] | null;
}

/** What follows from it for the region's pods. */
export type RegionVerdict =
  | { readonly kind: 'pods'; readonly pods: GatewayPods['pods'] }
  /** Nothing new is known: whatever is published stands. */
  | { readonly kind: 'keep' }
  | { readonly kind: 'unreachable'; readonly sinceMs: number; readonly reason: string };

const FAILURES_TO_BE_UNREACHABLE = 3;
/** A gateway that has started again needs moments to learn and probe its pods; longer than this it is believed as it is. */
const UNSYNCHRONISED_MAX_MS = 15_000;

export const UNREAD: RegionView = {
  failures: 0,
  lastFailure: null,
  unreachableSinceMs: null,
  unsynchronisedSinceMs: null,
  pods: null,
};

export function afterReading(view: RegionView, reading: GatewayReading, nowMs: number): RegionView {
  if (reading.kind === 'failed') {
    const failures = view.failures + 1;
    const isUnreachable = failures >= FAILURES_TO_BE_UNREACHABLE;
    return {
      ...view,
      failures,
      lastFailure: reading.reason,
      unreachableSinceMs: isUnreachable ? (view.unreachableSinceMs ?? nowMs) : null,
    };
  }
  const reached = { ...view, failures: 0, lastFailure: null, unreachableSinceMs: null };
  if (reading.answer.synchronised) return { ...reached, unsynchronisedSinceMs: null, pods: reading.answer.pods };
  const sinceMs = view.unsynchronisedSinceMs ?? nowMs;
  const isOver = nowMs - sinceMs > UNSYNCHRONISED_MAX_MS;
  return { ...reached, unsynchronisedSinceMs: sinceMs, pods: isOver ? reading.answer.pods : null };
}

export function verdictOf(view: RegionView): RegionVerdict {
  if (view.unreachableSinceMs !== null) {
    return {
      kind: 'unreachable',
      sinceMs: view.unreachableSinceMs,
      reason: `the region gateway does not answer (${view.lastFailure})`,
    };
  }
  return view.pods === null ? { kind: 'keep' } : { kind: 'pods', pods: view.pods };
}
