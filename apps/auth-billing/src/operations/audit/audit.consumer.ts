import { auditRecorded, TOPIC } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { BusErrorFilter, type EventBatch, PoisonEventError } from '@ecolink/messaging';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { keepAccountAudit } from './account-audit.store.js';

/** Takes what other services' callers did to accounts into the accounts' own logs. An entry stands there once, however often it comes. */
@Controller()
@UseFilters(BusErrorFilter)
export class AuditConsumer {
  constructor(@Inject(Database) private readonly database: Database) {}

  @EventPattern(TOPIC.auditRecorded, { delivery: 'group' })
  async recorded(@Payload() batch: EventBatch): Promise<void> {
    const entries = batch.events.map(({ id, data }) => {
      const parsed = auditRecorded.safeParse(data);
      if (!parsed.success) throw new PoisonEventError(id, `no audit entry: ${parsed.error.issues[0]?.message ?? 'unknown'}`);
      return parsed.data;
    });
    await this.database.transaction((transaction) => keepAccountAudit(transaction, entries));
  }
}
