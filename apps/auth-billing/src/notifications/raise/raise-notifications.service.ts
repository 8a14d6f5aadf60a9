import type { NotificationRaised } from '@ecolink/contracts';
import { appendEvents, Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../../injection.js';
import type { NewNotification } from './notification.js';
import { keepNotification, raiseNotifications } from './raise.store.js';

@Injectable()
export class Notifications {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Tells accounts what no transaction of its own is about. */
  async raise(notifications: readonly NewNotification[]): Promise<void> {
    if (notifications.length === 0) return;
    await this.database.transaction(async (transaction) => {
      await appendEvents(transaction, await raiseNotifications(transaction, notifications, this.clock()));
    });
  }

  /** Keeps what was published. Twice changes nothing. */
  async keep(raised: readonly NotificationRaised[]): Promise<void> {
    if (raised.length === 0) return;
    await this.database.transaction(async (transaction) => {
      for (const each of raised) await keepNotification(transaction, each, this.clock());
    });
  }
}
