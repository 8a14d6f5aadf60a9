import { BaseRpcContext, type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { PatientSubscription } from '../delivery/patient-subscription.js';
import type { DeadLetterSink, EventBatch, EventBus, Progress } from '../event-bus.js';

/** `group` (the default): the app's instances share the events. `tail`: every instance gets all events from now on. */
export type EventDelivery = 'group' | 'tail';

export interface BusStrategyOptions {
  readonly group: string;
  readonly deadLetters: DeadLetterSink;
  /** Events per call of a group's handler, at the most. Default 500. */
  readonly batchMax?: number;
}

const BATCH_MAX_DEFAULT = 500;

/**
 * Nest's transport over the bus: `@EventPattern(topic, { delivery: 'group' | 'tail' })` methods get an `EventBatch` and are
 * awaited. What they throw decides what happens to the events, so the app needs `BusErrorFilter` as a global filter of the
 * microservice. Topics without a handler are not subscribed to, so none of their events is ever taken for handled.
 */
export class BusStrategy extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true;
  private readonly handlers: Record<EventDelivery, Map<string, MessageHandler>> = { group: new Map(), tail: new Map() };
  private subscriptions: PatientSubscription[] = [];

  constructor(
    private readonly bus: EventBus,
    private readonly options: BusStrategyOptions,
  ) {
    super();
  }

  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    if (typeof pattern !== 'string' || !isEventHandler)
      throw new Error('the bus takes @EventPattern handlers with a topic name only');
    const handlers = this.handlers[deliveryOf(pattern, extras)];
    if (handlers.has(pattern)) throw new Error(`two handlers for ${pattern}: a failure of one would repeat the other`);
    handlers.set(pattern, callback);
    this.messageHandlers.set(pattern, callback);
  }

  /** Resolves once all handlers get events, or, while the bus is not there, after a moment: see `waitingFor`. */
  async listen(callback: (error?: unknown) => void): Promise<void> {
    this.subscribe();
    await Promise.all(this.subscriptions.map((subscription) => subscription.settle()));
    callback();
  }

  /** Why handlers get no events yet; undefined once they do. */
  waitingFor(): string | undefined {
    return this.subscriptions.map((subscription) => subscription.waitingFor()).find((problem) => problem !== undefined);
  }

  async close(): Promise<void> {
    const subscriptions = this.subscriptions;
    this.subscriptions = [];
    await Promise.all(subscriptions.map((subscription) => subscription.close()));
  }

  /** All subscriptions together: the lag summed up, the progress of the one that stands still longest while it has lag. */
  progress(): Progress {
    const all = this.subscriptions.map((subscription) => subscription.progress());
    const lagging = all.filter((progress) => progress.lag > 0);
    return {
      lag: all.reduce((sum, progress) => sum + progress.lag, 0),
      lastProgressAtMs: Math.min(
        ...(lagging.length > 0 ? lagging : all).map((progress) => progress.lastProgressAtMs),
        Date.now(),
      ),
    };
  }

  override on(): never {
    throw new Error('the bus has no transport events: ask progress()');
  }

  override unwrap<T>(): T {
    return this.bus as T;
  }

  private subscribe(): void {
    const { group, tail } = this.handlers;
    const { deadLetters, batchMax = BATCH_MAX_DEFAULT } = this.options;
    if (tail.size > 0) {
      const handle = (batch: EventBatch) => this.call(tail, batch);
      this.subscriptions.push(new PatientSubscription(() => this.bus.tail({ topics: [...tail.keys()], handle })));
    }
    if (group.size > 0) {
      const handle = (batch: EventBatch) => this.call(group, batch);
      const consume = { group: this.options.group, topics: [...group.keys()], batchMax, deadLetters, handle };
      this.subscriptions.push(new PatientSubscription(() => this.bus.consume(consume)));
    }
  }

  private async call(handlers: ReadonlyMap<string, MessageHandler>, batch: EventBatch): Promise<void> {
    const handler = handlers.get(batch.topic);
    if (handler === undefined) throw new Error(`no handler for ${batch.topic}`);
    const result: unknown = await handler(batch, new BaseRpcContext([batch.topic, batch.partition]));
    if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
  }
}

function deliveryOf(topic: string, extras: Record<string, unknown>): EventDelivery {
  const delivery = extras['delivery'] ?? 'group';
  if (delivery === 'group' || delivery === 'tail') return delivery;
  throw new Error(`${topic}: unknown delivery ${JSON.stringify(delivery)}`);
}
