import type { Driver, GatewayDeployment, GatewayLogs } from '@ecolink/contracts';
import type { Logger } from '@ecolink/runtime';
import type { DriverContext, DriverFactory, PodDriver } from '../drivers/pod-driver.js';

const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 30_000;

interface Assigned {
  readonly driver: PodDriver;
  deployment: GatewayDeployment;
  /** Reconciliations of one instance never run side by side. */
  turn: Promise<void>;
  retry: NodeJS.Timeout | undefined;
  failures: number;
}

/** Hands each deployment to its driver, and takes it from the one before when the driver changes. */
export class Deployments {
  readonly #drivers = new Map<Driver, PodDriver>();
  readonly #assigned = new Map<number, Assigned>();
  #stopped = false;

  constructor(
    factories: Readonly<Record<Driver, DriverFactory>>,
    private readonly context: DriverContext,
    private readonly logger: Logger,
  ) {
    // What a driver left behind in an earlier life is looked after from the start, though nothing is deployed yet.
    for (const driver of Object.keys(factories) as Driver[]) this.#drivers.set(driver, factories[driver](context));
  }

  apply(deployment: GatewayDeployment): void {
    const driver = this.#driverOf(deployment.driver);
    const previous = this.#assigned.get(deployment.instance_id);
    if (previous !== undefined) clearTimeout(previous.retry);
    if (previous !== undefined && previous.driver !== driver) previous.driver.release(deployment.instance_id);
    const assigned: Assigned =
      previous?.driver === driver
        ? previous
        : { driver, deployment, turn: previous?.turn ?? Promise.resolve(), retry: undefined, failures: 0 };
    assigned.deployment = deployment;
    assigned.failures = 0;
    this.#assigned.set(deployment.instance_id, assigned);
    this.#reconcile(assigned);
  }

  /** The registry has told everything once. */
  async loaded(): Promise<void> {
    await Promise.all([...this.#assigned.values()].map((assigned) => assigned.turn));
    for (const driver of this.#drivers.values()) driver.loaded?.();
  }

  async logs(instanceId: number, linesMax: number): Promise<GatewayLogs['pods']> {
    return (await this.#assigned.get(instanceId)?.driver.logs?.(instanceId, linesMax)) ?? [];
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { retry } of this.#assigned.values()) clearTimeout(retry);
    await Promise.all([...this.#assigned.values()].map((assigned) => assigned.turn));
    await Promise.all([...this.#drivers.values()].map((driver) => driver.stop()));
  }

  #driverOf(name: Driver): PodDriver {
    const driver = this.#drivers.get(name);
    if (driver === undefined) throw new Error(`there is no driver ${name}`);
    return driver;
  }

  /** At once where nothing is under way: a driver that only reports has reported when this returns. */
  #reconcile(assigned: Assigned): void {
    const run = async (): Promise<void> => {
      if (this.#stopped || this.#assigned.get(assigned.deployment.instance_id) !== assigned) return;
      try {
        await assigned.driver.reconcile(assigned.deployment);
        assigned.failures = 0;
      } catch (error) {
        this.#failed(assigned, error instanceof Error ? error.message : String(error));
      }
    };
    assigned.turn = assigned.turn.then(run);
  }

  #failed(assigned: Assigned, reason: string): void {
    const { deployment } = assigned;
    this.logger.warn({ event: 'deployment.not_reconciled', instance_id: deployment.instance_id, reason });
    const count = deployment.desired_state === 'running' ? Math.max(1, deployment.replicas) : 0;
    const failed = (index: number) => ({
      kind: 'waiting' as const,
      podId: `pod_${this.context.region}_${deployment.instance_id}_${index}`,
      weight: 1,
      state: 'failed' as const,
      reason,
    });
    this.context.report(
      deployment,
      Array.from({ length: count }, (_, index) => failed(index)),
    );
    assigned.failures += 1;
    const delayMs = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** (assigned.failures - 1));
    assigned.retry = setTimeout(() => this.#reconcile(assigned), delayMs);
    assigned.retry.unref();
  }
}
