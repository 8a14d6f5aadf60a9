import { accountState, instanceRecord, keyState, notificationRaised, platformModelRecord, TOPIC } from '@ecolink/contracts';
import { BusErrorFilter, type EventBatch } from '@ecolink/messaging';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { z } from 'zod';
import { subjectOf } from '../raise/notification.js';
import { OpenStreams } from './open-streams.service.js';

const TAIL = { delivery: 'tail' };

/** Tells open streams what the bus tells of their accounts. Each process gets every event, and drops it where no stream is open. */
@Controller()
@UseFilters(BusErrorFilter)
export class ChangesConsumer {
  constructor(@Inject(OpenStreams) private readonly streams: OpenStreams) {}

  @EventPattern(TOPIC.notificationRaised, TAIL)
  notifications(@Payload() batch: EventBatch): void {
    for (const raised of this.read(batch, notificationRaised)) {
      const { notification_id: id, account_id: accountId, kind, severity, title, text, raised_at: createdAt } = raised;
      const told = { id, kind, severity, title, text, subject: subjectOf(raised) ?? null, created_at: createdAt, read_at: null };
      this.streams.push(accountId, 'notification', id, told);
    }
  }

  @EventPattern(TOPIC.instanceChanged, TAIL)
  instances(@Payload() batch: EventBatch): void {
    for (const record of this.read(batch, instanceRecord)) {
      if (record.account_id === null) continue;
      const {
        instance_id: id,
        state,
        desired_state: desiredState,
        degraded,
        model_name: name,
        termination_reason: reason,
      } = record;
      const data = { id, model: `${name}:${id}`, state, desired_state: desiredState, degraded, termination_reason: reason };
      this.streams.push(record.account_id, 'instance', String(id), data);
    }
  }

  @EventPattern(TOPIC.accountChanged, TAIL)
  balances(@Payload() batch: EventBatch): void {
    for (const state of this.read(batch, accountState)) {
      const { account_id: accountId, balance_nano_usd: balance, held_nano_usd: held } = state;
      this.streams.push(accountId, 'balance', accountId, { balance_nano_usd: balance, held_nano_usd: held });
    }
  }

  @EventPattern(TOPIC.keyChanged, TAIL)
  keys(@Payload() batch: EventBatch): void {
    for (const { account_id: accountId, key_id: id, status } of this.read(batch, keyState))
      this.streams.push(accountId, 'key', id, { id, status });
  }

  @EventPattern(TOPIC.modelChanged, TAIL)
  models(@Payload() batch: EventBatch): void {
    for (const { platform_model_id: id, status } of this.read(batch, platformModelRecord))
      this.streams.push(null, 'model', id, { id, status });
  }

  private read<Schema extends z.ZodType>(batch: EventBatch, schema: Schema): z.output<Schema>[] {
    if (this.streams.size === 0) return [];
    return batch.events.flatMap((event) => {
      const parsed = schema.safeParse(event.data);
      return parsed.success ? [parsed.data] : [];
    });
  }
}
