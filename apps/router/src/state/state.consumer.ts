import { TOPIC } from '@ecolink/contracts';
import type { EventBatch } from '@ecolink/messaging';
import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { RouterState } from './router-state.js';

const TAIL = { delivery: 'tail' };

/** Takes the pushes: each router gets every one. What a push misses, the next refresh brings. */
@Controller()
export class StateConsumer {
  constructor(@Inject(RouterState) private readonly state: RouterState) {}

  @EventPattern(TOPIC.keyChanged, TAIL)
  keys(@Payload() batch: EventBatch): void {
    this.apply(batch);
  }

  @EventPattern(TOPIC.accountChanged, TAIL)
  accounts(@Payload() batch: EventBatch): void {
    this.apply(batch);
  }

  @EventPattern(TOPIC.priceChanged, TAIL)
  prices(@Payload() batch: EventBatch): void {
    this.apply(batch);
  }

  @EventPattern(TOPIC.instanceChanged, TAIL)
  instances(@Payload() batch: EventBatch): void {
    this.apply(batch);
  }

  @EventPattern(TOPIC.modelChanged, TAIL)
  platformModels(@Payload() batch: EventBatch): void {
    this.apply(batch);
  }

  @EventPattern(TOPIC.regionChanged, TAIL)
  regions(@Payload() batch: EventBatch): void {
    this.apply(batch);
  }

  @EventPattern(TOPIC.instanceHealthChanged, TAIL)
  health(@Payload() batch: EventBatch): void {
    this.apply(batch);
  }

  private apply(batch: EventBatch): void {
    const projection = this.state.projectionOf(batch.topic);
    for (const event of batch.events) projection?.applyPush(event.data);
  }
}
