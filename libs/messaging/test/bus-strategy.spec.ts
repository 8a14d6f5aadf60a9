import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { INestMicroservice, Type } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { TOPIC, type DeliveredEvent } from '@ecolink/contracts';
import { defer, type Observable } from 'rxjs';
import {
  BusErrorFilter,
  BusStrategy,
  type BatchHandler,
  type ConsumeOptions,
  type EventBatch,
  type EventBus,
  PoisonEventError,
  type TailOptions,
} from '../src/index.js';
import { RememberedDeadLetters } from './collector.js';

const seen: string[] = [];

@Controller()
class UsageController {
  @EventPattern(TOPIC.usageRecorded)
  async post(@Payload() batch: EventBatch): Promise<void> {
    await Promise.resolve();
    seen.push(`group ${batch.events.length}`);
    if (batch.events[0]?.id === 'evt_bad') throw new PoisonEventError('evt_bad', 'no account');
  }

  @EventPattern(TOPIC.usageRecorded, { delivery: 'tail' })
  watch(_batch: EventBatch): Observable<void> {
    return defer(async () => {
      await Promise.resolve();
      seen.push('tail');
      throw new Error('from the stream');
    });
  }
}

@Module({ controllers: [UsageController] })
class UsageModule {}

@Controller()
class TwiceController {
  @EventPattern(TOPIC.keyChanged)
  first(_batch: EventBatch): void {}

  @EventPattern(TOPIC.keyChanged)
  second(_batch: EventBatch): void {}
}

@Module({ controllers: [TwiceController] })
class TwiceModule {}

class RecordingBus {
  consumed: ConsumeOptions[] = [];
  tailed: TailOptions[] = [];
  closed = 0;

  consume(options: ConsumeOptions) {
    this.consumed.push(options);
    return Promise.resolve(this.subscription(3));
  }

  tail(options: TailOptions) {
    this.tailed.push(options);
    return Promise.resolve(this.subscription(4));
  }

  private subscription(lag: number) {
    return { progress: () => ({ lag, lastProgressAtMs: lag }), close: () => Promise.resolve(void (this.closed += 1)) };
  }
}

const batchOf = (id: string): EventBatch => ({ topic: TOPIC.usageRecorded, partition: 0, events: [{ id } as DeliveredEvent] });

async function start(module: Type, bus: RecordingBus): Promise<{ service: INestMicroservice; strategy: BusStrategy }> {
  const strategy = new BusStrategy(bus as unknown as EventBus, { group: 'billing', deadLetters: new RememberedDeadLetters() });
  const service = await NestFactory.createMicroservice(module, { strategy, logger: false, abortOnError: false });
  service.useGlobalFilters(new BusErrorFilter());
  await service.listen();
  return { service, strategy };
}

describe('BusStrategy', () => {
  let bus: RecordingBus;
  beforeEach(() => {
    seen.length = 0;
    bus = new RecordingBus();
  });

  const handlerOf = (options: { handle: BatchHandler } | undefined): BatchHandler =>
    options?.handle ?? (() => Promise.reject(new Error('not subscribed')));

  it('subscribes to the topics that have a handler, and to no other', async () => {
    const { service, strategy } = await start(UsageModule, bus);
    expect(bus.consumed).toMatchObject([{ group: 'billing', topics: [TOPIC.usageRecorded], batchMax: 500 }]);
    expect(bus.tailed).toMatchObject([{ topics: [TOPIC.usageRecorded] }]);
    expect(strategy.progress()).toEqual({ lag: 7, lastProgressAtMs: 3 });
    await service.close();
    expect(bus.closed).toBe(2);
  });

  it('awaits the handler, whether it returns a promise or an observable', async () => {
    const { service } = await start(UsageModule, bus);
    await handlerOf(bus.consumed[0])(batchOf('evt_good'));
    expect(seen).toEqual(['group 1']);
    await expect(handlerOf(bus.tailed[0])(batchOf('evt_good'))).rejects.toThrow('from the stream');
    expect(seen).toEqual(['group 1', 'tail']);
    await service.close();
  });

  it('lets the error of a handler through as it is, so that poison is known for poison', async () => {
    const { service } = await start(UsageModule, bus);
    const error: unknown = await handlerOf(bus.consumed[0])(batchOf('evt_bad')).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PoisonEventError);
    expect(error).toMatchObject({ eventId: 'evt_bad', message: 'no account' });
    await service.close();
  });

  it('refuses a second handler of the same topic and delivery', async () => {
    await expect(start(TwiceModule, bus)).rejects.toThrow('two handlers');
  });
});
