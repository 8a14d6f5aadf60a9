import { TOPIC } from '@ecolink/contracts';
import { BusErrorFilter, type EventBatch } from '@ecolink/messaging';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { KeyUses } from '../../identity/keys/key-uses.service.js';
import { BalanceWarnings } from '../../notifications/sources/balance-warnings.service.js';
import { RequestLog } from '../../requests/request-log.service.js';
import { PostUsage } from './post-usage.js';

@Controller()
@UseFilters(BusErrorFilter)
export class UsageConsumer {
  constructor(
    @Inject(PostUsage) private readonly postUsage: PostUsage,
    @Inject(KeyUses) private readonly keyUses: KeyUses,
    @Inject(BalanceWarnings) private readonly warnings: BalanceWarnings,
    @Inject(RequestLog) private readonly requestLog: RequestLog,
  ) {}

  @EventPattern(TOPIC.usageRecorded, { delivery: 'group' })
  async usageRecorded(@Payload() batch: EventBatch): Promise<void> {
    await this.postUsage.post(batch.events);
    await this.keyUses.noteCalls(batch.events);
    this.warnings.noteCalls(batch.events);
    await this.requestLog.addCalls(batch.events);
  }
}
