import type { GatewayDeployment } from '@ecolink/contracts';
import type { DriverContext, PodDriver, ReportPods } from '../pod-driver.js';

/** Stands for drivers that this gateway does not have: their deployments fail visibly instead of staying pending for ever. */
class MissingDriver implements PodDriver {
  constructor(
    private readonly region: string,
    private readonly report: ReportPods,
  ) {}

  reconcile(deployment: GatewayDeployment): void {
    const count = deployment.desired_state === 'running' ? Math.max(1, deployment.replicas) : 0;
    const reason = `this region gateway has no driver "${deployment.driver}"`;
    this.report(
      deployment,
      Array.from({ length: count }, (_, index) => {
        return {
          kind: 'waiting',
          podId: `pod_${this.region}_${deployment.instance_id}_${index}`,
          weight: 1,
          state: 'failed',
          reason,
        };
      }),
    );
  }

  release(): void {
    // It runs nothing.
  }

  async stop(): Promise<void> {
    // It runs nothing.
  }
}

export function missingDriver({ region, report }: DriverContext): PodDriver {
  return new MissingDriver(region, report);
}
