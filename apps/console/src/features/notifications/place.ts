import { linkOptions } from '@tanstack/react-router';
import type { Notification } from './queries.js';

const BILLING = linkOptions({ to: '/billing' });
const MESSAGES = linkOptions({ to: '/messages' });
const USERS = linkOptions({ to: '/users' });
const KEYS = linkOptions({ to: '/keys' });

/** The page of what a message is about; the messages where there is none. */
export function placeOf({ subject, kind }: Pick<Notification, 'subject' | 'kind'>) {
  switch (subject?.kind) {
    case 'instance':
      return linkOptions({ to: '/instances/$id', params: { id: subject.id } });
    case 'api_key':
      return KEYS;
    case 'budget':
    case 'top_up':
    case 'account':
      return BILLING;
    case 'user':
    case 'member':
    case 'invite':
      return USERS;
    case 'alert_channel':
      return linkOptions({ to: '/settings', search: { tab: 'alerts' } });
    default:
      return ofKind(kind);
  }
}

function ofKind(kind: string) {
  if (/^(balance|budget|auto_recharge|payment)/.test(kind)) return BILLING;
  if (kind.startsWith('key_')) return KEYS;
  return kind.startsWith('invite_') ? USERS : MESSAGES;
}
