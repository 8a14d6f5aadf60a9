import type { GatewayErrorKind } from '@ecolink/contracts';
import { RETRYABLE_STATUSES } from './retryable-statuses.js';
import type { Route } from './candidates.js';

export type OnEjected = (region: string, outMs: number) => void;

const ERROR_STATUS_MIN = 400;

/**
 * What one call tells about the regions that it was sent to. A request that never left counts against its region at once.
 * A lost connection or a pod's 5xx may be the request's own doing: it counts only after another region has answered the
 * very same request well, so that a poisonous request ejects nobody. Anything else a pod answers speaks for its region;
 * waiting too long, and clients that leave, say nothing.
 */
export class CallEvidence {
  private suspects: Set<string> | undefined;

  constructor(
    private readonly route: Pick<Route, 'ejections' | 'retries'>,
    private readonly onEjected: OnEjected,
  ) {}

  failed(region: string, failure: { readonly sent: boolean; readonly cause: GatewayErrorKind }): void {
    if (!failure.sent) this.count(region);
    else if (failure.cause === 'connection_lost') this.suspect(region);
  }

  answered(region: string, status: number): void {
    if (RETRYABLE_STATUSES.has(status)) {
      this.suspect(region);
      return;
    }
    this.route.ejections.succeeded(region);
    if (this.suspects === undefined) return;
    this.suspects.delete(region);
    if (status >= ERROR_STATUS_MIN) return;
    for (const suspect of this.suspects) this.count(suspect);
    this.suspects.clear();
  }

  /** Whether a pod's error answer may be tried elsewhere; takes one retry from the instance's budget. */
  mayRetryAnswer(): boolean {
    return this.route.retries.spend();
  }

  private suspect(region: string): void {
    (this.suspects ??= new Set()).add(region);
  }

  private count(region: string): void {
    const outMs = this.route.ejections.failed(region);
    if (outMs !== undefined) this.onEjected(region, outMs);
  }
}
