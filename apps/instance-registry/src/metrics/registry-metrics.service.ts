import { observedGauge } from '@ecolink/service-kit';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { type CountOf, RegistryMetricsStore } from './registry-metrics.store.js';

const OWNER = 'instance-registry';

/** Metrics of what the registry keeps, read when somebody asks for them. */
@Injectable()
export class RegistryMetrics implements OnModuleInit {
  constructor(@Inject(RegistryMetricsStore) private readonly store: RegistryMetricsStore) {}

  onModuleInit(): void {
    const declare = (name: string, help: string, label: string, read: () => Promise<CountOf[]>): void =>
      observedGauge({ name, help, labelNames: [label] }, OWNER, async () =>
        (await read()).map((each) => ({ labels: { [label]: each.label }, value: each.count })),
      );
    declare('ecolink_instances', 'Instances by state', 'state', () => this.store.countInstances());
    declare('ecolink_replicas_wanted', 'Pods that gateways shall run, by region', 'region', () => this.store.countReplicas());
  }
}
