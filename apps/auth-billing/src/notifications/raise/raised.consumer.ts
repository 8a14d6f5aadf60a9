import { notificationRaised, TOPIC } from '@ecolink/contracts';
import { BusErrorFilter, type EventBatch } from '@ecolink/messaging';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { Notifications } from './raise-notifications.service.js';

/** Takes what others have published only; what was raised here is in the bell already, and changes nothing. */
@Controller()
@UseFilters(BusErrorFilter)
export class RaisedConsumer {
  constructor(@Inject(Notifications) private readonly notifications: Notifications) {}

  @EventPattern(TOPIC.notificationRaised, { delivery: 'group' })
  async raised(@Payload() batch: EventBatch): Promise<void> {
    const raised = batch.events.flatMap(({ data }) => {
      const parsed = notificationRaised.safeParse(data);
      return parsed.success ? [parsed.data] : [];
    });
    await this.notifications.keep(raised);
  }
}
