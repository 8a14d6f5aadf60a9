import { type GatewayDeployment, parsePodUrl, type PodAddressPolicy, refusePodAddress } from '@ecolink/contracts';
import { isIP } from 'node:net';
import { guardedLookup } from '@ecolink/proxy';
import type { PodSpec } from '../../pods/pod-spec.js';
import type { DriverContext, PodDriver, ReportPods } from '../pod-driver.js';

/** Servers that already run: there is nothing to start or stop, only whether to use them. */
class ExternalDriver implements PodDriver {
  constructor(
    private readonly report: ReportPods,
    private readonly addressPolicy: PodAddressPolicy | undefined,
  ) {}

  reconcile(deployment: GatewayDeployment): void {
    const wanted = deployment.desired_state === 'running' ? deployment.pods : [];
    this.report(
      deployment,
      wanted.map((pod) => this.#specOf(pod)),
    );
  }

  release(): void {
    // Servers that others run are left as they are.
  }

  async stop(): Promise<void> {
    // As above.
  }

  #specOf(pod: GatewayDeployment['pods'][number]): PodSpec {
    const url = parsePodUrl(pod.url);
    if (url.kind === 'refused') return failed(pod, `its URL ${url.reason}`);
    const spec: PodSpec = { kind: 'running', podId: pod.pod_id, weight: pod.weight, url: url.url, apiKey: pod.api_key };
    const policy = this.addressPolicy;
    if (policy === undefined) return spec;
    if (isIP(url.hostname) === 0) return { ...spec, lookup: guardedLookup(policy, url.port) };
    const refusal = refusePodAddress(url.hostname, url.port, policy);
    return refusal === undefined ? spec : failed(pod, refusal);
  }
}

export function externalDriver({ report, options }: DriverContext): PodDriver {
  return new ExternalDriver(report, options.external?.addressPolicy);
}

function failed(pod: { pod_id: string; weight: number }, reason: string): PodSpec {
  return { kind: 'waiting', podId: pod.pod_id, weight: pod.weight, state: 'failed', reason };
}
