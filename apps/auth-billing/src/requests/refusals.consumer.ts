import { TOPIC } from '@ecolink/contracts';
import { BusErrorFilter, type EventBatch } from '@ecolink/messaging';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { RequestLog } from './request-log.service.js';

@Controller()
@UseFilters(BusErrorFilter)
export class RefusalsConsumer {
  constructor(@Inject(RequestLog) private readonly requestLog: RequestLog) {}

  @EventPattern(TOPIC.requestRefused, { delivery: 'group' })
  async requestRefused(@Payload() batch: EventBatch): Promise<void> {
    await this.requestLog.addRefusals(batch.events);
  }
}
