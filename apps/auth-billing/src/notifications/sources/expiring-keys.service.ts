import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../../injection.js';
import type { NewNotification } from '../raise/notification.js';
import { Notifications } from '../raise/raise-notifications.service.js';
import { type ExpiringKey, findExpiringKeys } from './expiring-keys.store.js';

const KEYS_PER_ROUND_MAX = 500;

/** Tells accounts of keys that are about to expire; once for each date of expiry. */
@Injectable()
export class ExpiringKeys {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Notifications) private readonly notifications: Notifications,
  ) {}

  async run(): Promise<void> {
    const keys = await findExpiringKeys(this.database.client, this.clock(), KEYS_PER_ROUND_MAX);
    await this.notifications.raise(keys.map(expiringNotice));
  }
}

function expiringNotice({ id, accountId, name, prefix, expiresAt }: ExpiringKey): NewNotification {
  return {
    accountId,
    kind: 'key_expiring',
    severity: 'warning',
    title: `The key ${name} is about to expire`,
    text: `The key ${name} (${prefix}…) expires at ${expiresAt.toISOString()}; calls with it are refused from then on. Give it a later expires_at, or make a new key.`,
    subject: { kind: 'api_key', id },
    onceKey: `key_expiring:${id}:${expiresAt.getTime()}`,
  };
}
