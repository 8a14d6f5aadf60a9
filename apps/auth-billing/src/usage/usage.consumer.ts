import { TOPIC } from '@ecolink/contracts';
import { BusErrorFilter, type EventBatch } from '@ecolink/messaging';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { PostUsage } from './post-usage.js';

@Controller()
@UseFilters(BusErrorFilter)
export class UsageConsumer {
  constructor(@Inject(PostUsage) private readonly postUsage: PostUsage) {}

  @EventPattern(TOPIC.usageRecorded, { delivery: 'group' })
  async usageRecorded(@Payload() batch: EventBatch): Promise<void> {
    await this.postUsage.post(batch.events);
  }
}
