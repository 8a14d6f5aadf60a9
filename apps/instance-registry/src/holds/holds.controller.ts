import { holdState, TOPIC } from '@ecolink/contracts';
import { BusErrorFilter, type EventBatch, PoisonEventError } from '@ecolink/messaging';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { FollowHold } from './follow-hold.js';

@Controller()
@UseFilters(BusErrorFilter)
export class HoldsController {
  constructor(@Inject(FollowHold) private readonly followHold: FollowHold) {}

  @EventPattern(TOPIC.holdChanged, { delivery: 'group' })
  async holds(@Payload() batch: EventBatch): Promise<void> {
    for (const { id, data } of batch.events) {
      const parsed = holdState.safeParse(data);
      if (!parsed.success) throw new PoisonEventError(id, `not a hold: ${parsed.error.issues[0]?.message ?? 'unknown'}`);
      await this.followHold.follow(parsed.data);
    }
  }
}
