import { deploymentMetered, instanceRecord, TOPIC } from '@ecolink/contracts';
import { BusErrorFilter, type EventBatch, PoisonEventError } from '@ecolink/messaging';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { EndedInstances } from '../../notifications/sources/ended-instances.service.js';
import { MeterDeployments } from './meter-deployments.js';
import { ObserveInstance } from './observe-instance.js';

@Controller()
@UseFilters(BusErrorFilter)
export class InstancesConsumer {
  constructor(
    @Inject(ObserveInstance) private readonly observeInstance: ObserveInstance,
    @Inject(EndedInstances) private readonly ended: EndedInstances,
    @Inject(MeterDeployments) private readonly meterDeployments: MeterDeployments,
  ) {}

  @EventPattern(TOPIC.instanceChanged, { delivery: 'group' })
  async instanceChanged(@Payload() batch: EventBatch): Promise<void> {
    // Records carry the whole state: of several of one instance only the last counts.
    const newest = new Map(batch.events.map((event) => [event.key, event]));
    for (const { id, data } of newest.values()) {
      const { data: record, error } = instanceRecord.safeParse(data);
      if (record === undefined) throw new PoisonEventError(id, `not an instance: ${error.issues[0]?.message ?? 'unknown'}`);
      await this.observeInstance.observe(record);
    }
    await this.ended.tell(batch.events);
  }

  @EventPattern(TOPIC.deploymentMetered, { delivery: 'group' })
  async deploymentMetered(@Payload() batch: EventBatch): Promise<void> {
    const events = batch.events.map(({ id, data }) => {
      const { data: metered, error } = deploymentMetered.safeParse(data);
      if (metered === undefined) throw new PoisonEventError(id, `not a metering: ${error.issues[0]?.message ?? 'unknown'}`);
      return metered;
    });
    await this.meterDeployments.meter(events);
  }
}
