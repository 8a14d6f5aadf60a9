/** Gives the reason while something is not as it should be, `undefined` while it is. */
export type ReadinessCheck = () => string | undefined;

export interface ReadinessReport {
  readonly ready: boolean;
  readonly reasons: readonly string[];
  readonly degraded: readonly string[];
}

/** What `/readyz` says: 503 with reasons while the service cannot serve, 200 with `degraded` where it serves on old state. */
export class Readiness {
  private readonly checks = new Map<string, ReadinessCheck>();
  private readonly degradations = new Map<string, ReadinessCheck>();

  /** While `check` gives a reason, the service is not ready. */
  register(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  /** While `check` gives a reason, the service serves, but says so. */
  registerDegraded(name: string, check: ReadinessCheck): void {
    this.degradations.set(name, check);
  }

  report(): ReadinessReport {
    const reasons = collect(this.checks);
    return { ready: reasons.length === 0, reasons, degraded: collect(this.degradations) };
  }
}

function collect(checks: ReadonlyMap<string, ReadinessCheck>): string[] {
  const found: string[] = [];
  for (const [name, check] of checks) {
    const reason = check();
    if (reason !== undefined) found.push(`${name}: ${reason}`);
  }
  return found;
}
