import { accountDeleted, TOPIC } from '@ecolink/contracts';
import { BusErrorFilter, type EventBatch, PoisonEventError } from '@ecolink/messaging';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { CloseAccounts } from './close-accounts.js';

@Controller()
@UseFilters(BusErrorFilter)
export class AccountsConsumer {
  constructor(@Inject(CloseAccounts) private readonly closeAccounts: CloseAccounts) {}

  @EventPattern(TOPIC.accountDeleted, { delivery: 'group' })
  async deleted(@Payload() batch: EventBatch): Promise<void> {
    for (const { id, data } of batch.events) {
      const parsed = accountDeleted.safeParse(data);
      if (!parsed.success) throw new PoisonEventError(id, `no account: ${parsed.error.issues[0]?.message ?? 'unknown'}`);
      await this.closeAccounts.close(parsed.data.account_id, new Date(parsed.data.deleted_at));
    }
  }
}
