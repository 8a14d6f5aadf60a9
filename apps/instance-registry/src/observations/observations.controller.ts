import { deploymentObserved, instanceHealth, TOPIC } from '@ecolink/contracts';
import { BusErrorFilter, type EventBatch, PoisonEventError } from '@ecolink/messaging';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { z } from 'zod';
import { Observe } from './observe.js';

@Controller()
@UseFilters(BusErrorFilter)
export class ObservationsController {
  constructor(@Inject(Observe) private readonly observe: Observe) {}

  @EventPattern(TOPIC.deploymentObserved, { delivery: 'group' })
  async deployments(@Payload() batch: EventBatch): Promise<void> {
    await this.observe.deployments(batch.events.map((event) => parsed(deploymentObserved, event.id, event.data)));
  }

  @EventPattern(TOPIC.instanceHealthChanged, { delivery: 'group' })
  async health(@Payload() batch: EventBatch): Promise<void> {
    for (const event of batch.events) await this.observe.health(parsed(instanceHealth, event.id, event.data));
  }
}

function parsed<Schema extends z.ZodType>(schema: Schema, eventId: string, data: unknown): z.output<Schema> {
  const result = schema.safeParse(data);
  if (!result.success)
    throw new PoisonEventError(eventId, `not of the declared shape: ${result.error.issues[0]?.message ?? 'unknown'}`);
  return result.data;
}
