import type { GatewayErrorKind } from '@ecolink/contracts';
import type { Route } from './candidates.js';
import { RETRYABLE_STATUSES } from './retryable-statuses.js';

export type OnEjected = (region: string, outMs: number) => void;

const ERROR_STATUS_MIN = 400;
const NONE: readonly string[] = [];

/** Where a call went wrong in a way that may be its own doing. */
interface Suspect {
  readonly region: string;
  /** Unknown where the gateway itself was lost. */
  readonly pod: string | undefined;
}

/**
 * What one call tells about the regions and pods that it was sent to. A request that never left counts against its region
 * at once. A lost connection or a pod's 5xx may be the request's own doing: it counts only after another pod has answered
 * the very same request well, so that a poisonous request ejects nobody. Then it counts against that pod, which its gateway
 * is told, and against the region unless that other pod is of the same one. Anything else a pod answers speaks for its
 * region; waiting too long, and clients that leave, say nothing.
 */
export class PassiveHealthReport {
  private suspects: Suspect[] | undefined;

  constructor(
    private readonly route: Pick<Route, 'ejections' | 'retries' | 'podFailures'>,
    private readonly onEjected: OnEjected,
  ) {}

  failed(region: string, failure: { sent: boolean; cause: GatewayErrorKind; pod: string | undefined }): void {
    if (!failure.sent) this.count(region);
    else if (failure.cause === 'connection_lost') this.suspect(region, failure.pod);
  }

  /** @param pod is told with errors, and by later attempts in a region. */
  answered(region: string, status: number, pod: string | undefined): void {
    if (RETRYABLE_STATUSES.has(status)) {
      this.suspect(region, pod);
      return;
    }
    this.route.ejections.succeeded(region);
    if (this.suspects === undefined || status >= ERROR_STATUS_MIN) return;
    const regions = new Set<string>();
    for (const suspect of this.suspects) {
      if (suspect.region !== region) regions.add(suspect.region);
      const isAnother = suspect.region !== region || suspect.pod !== pod;
      if (suspect.pod !== undefined && isAnother) this.route.podFailures.note(suspect.region, suspect.pod);
    }
    for (const suspect of regions) this.count(suspect);
    this.suspects = undefined;
  }

  /** A pod that does not take its key is to be left out as one that answers 5xx, once another has answered well. */
  refusedKey(region: string, pod: string | undefined): void {
    this.suspect(region, pod);
  }

  /** The pods of a region that failed this call. */
  triedPods(region: string): readonly string[] {
    if (this.suspects === undefined) return NONE;
    return this.suspects.flatMap((suspect) => (suspect.region === region && suspect.pod !== undefined ? [suspect.pod] : []));
  }

  /** Whether a pod's error answer may be tried elsewhere; takes one retry from the instance's budget. */
  mayRetryAnswer(): boolean {
    return this.route.retries.spend();
  }

  private suspect(region: string, pod: string | undefined): void {
    (this.suspects ??= []).push({ region, pod });
  }

  private count(region: string): void {
    const outMs = this.route.ejections.failed(region);
    if (outMs !== undefined) this.onEjected(region, outMs);
  }
}
