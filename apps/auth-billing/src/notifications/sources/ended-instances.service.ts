import { type DeliveredEvent, type InstanceRecord, instanceRecord } from '@ecolink/contracts';
import { appendEvents, Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../../injection.js';
import { forgetCause, raiseNotifications } from '../raise/raise.store.js';
import { endedNotice, failedKey } from './ended-instance.js';

/** Older events are history: an installation that reads them for the first time does not tell them again. */
const EVENT_AGE_MAX_MS = 24 * 60 * 60 * 1000;

@Injectable()
export class EndedInstances {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Tells accounts of instances that failed or were ended, by events of `instance.changed` in their order. Twice changes nothing. */
  async tell(events: readonly DeliveredEvent[]): Promise<void> {
    const since = this.clock().getTime() - EVENT_AGE_MAX_MS;
    const records = events.flatMap(({ data, occurredAt }): InstanceRecord[] => {
      const parsed = instanceRecord.safeParse(data);
      return parsed.success && occurredAt.getTime() >= since ? [parsed.data] : [];
    });
    const notices = records.flatMap((record) => endedNotice(record) ?? []);
    const running = records.filter(({ state, account_id: accountId }) => state === 'running' && accountId !== null);
    if (notices.length === 0 && running.length === 0) return;
    await this.database.transaction(async (transaction) => {
      for (const { account_id: accountId, instance_id: id } of running)
        if (accountId !== null) await forgetCause(transaction, accountId, failedKey(id));
      await appendEvents(transaction, await raiseNotifications(transaction, notices, this.clock()));
    });
  }
}
