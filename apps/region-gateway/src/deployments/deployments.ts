import { assertNever, type Driver, type GatewayDeployment } from '@ecolink/contracts';
import type { PodDriver } from '../drivers/pod-driver.js';

export interface Drivers {
  readonly external: PodDriver;
  /** Undefined where this gateway was not told how to run simulators. */
  readonly simulated: PodDriver | undefined;
  readonly missing: PodDriver;
}

/** Hands each deployment to its driver, and takes it from the one before when the driver changes. */
export class Deployments {
  readonly #driverOf = new Map<number, PodDriver>();

  constructor(private readonly drivers: Drivers) {}

  apply(deployment: GatewayDeployment): void {
    const driver = this.#choose(deployment.driver);
    const previous = this.#driverOf.get(deployment.instance_id);
    if (previous !== undefined && previous !== driver) previous.release(deployment.instance_id);
    this.#driverOf.set(deployment.instance_id, driver);
    driver.reconcile(deployment);
  }

  async stop(): Promise<void> {
    const { external, simulated, missing } = this.drivers;
    await Promise.all([external.stop(), simulated?.stop() ?? Promise.resolve(), missing.stop()]);
  }

  #choose(driver: Driver): PodDriver {
    switch (driver) {
      case 'external':
        return this.drivers.external;
      case 'simulated':
        return this.drivers.simulated ?? this.drivers.missing;
      case 'process':
      case 'kubernetes':
        return this.drivers.missing;
      default:
        return assertNever(driver);
    }
  }
}
