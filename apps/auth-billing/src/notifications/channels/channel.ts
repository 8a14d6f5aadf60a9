import { randomBytes } from 'node:crypto';
import type { AlertChannelView } from '@ecolink/contracts';
import { derivedKey } from '../../identity/derived-key.js';

export interface ChannelRow {
  readonly id: string;
  readonly accountId: string;
  readonly kind: string;
  readonly address: string | null;
  readonly url: string | null;
  /** Empty: every kind. */
  readonly kinds: readonly string[];
  readonly secretSalt: string | null;
  readonly status: string;
  readonly statusReason: string | null;
  readonly createdBy: string;
  readonly createdAt: Date;
}

const SALT_BYTES = 16;

export function newSecretSalt(): string {
  return randomBytes(SALT_BYTES).toString('hex');
}

/** The signing secret of a webhook, as Standard Webhooks writes it. It is derived anew each time and kept nowhere. */
export function webhookSecret(internalSecret: string, { id, secretSalt }: Pick<ChannelRow, 'id' | 'secretSalt'>): string {
  if (secretSalt === null) throw new Error(`the channel ${id} has no signing secret`);
  return `whsec_${derivedKey(internalSecret, `webhook:${id}:${secretSalt}`).toString('base64')}`;
}

export function toChannelView(row: ChannelRow): AlertChannelView {
  return {
    id: row.id,
    kind: row.kind === 'email' ? 'email' : 'webhook',
    address: row.address,
    url: row.url,
    notifications: row.kinds.length === 0 ? null : [...row.kinds],
    status: row.status === 'active' ? 'active' : 'disabled',
    status_reason: row.statusReason,
    created_by: row.createdBy,
    created_at: row.createdAt.toISOString(),
  };
}
