import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { headerValue, KEY_OR_OWNER_MESSAGE, type KeyState } from '@ecolink/contracts';
import { bearerOf } from '@ecolink/service-kit';
import type { AccountView } from '../accounts/account-view.js';
import type { RouterState } from '../state/router-state.js';
import { ok, type Outcome, refused } from './outcome.js';

export interface Caller {
  readonly key: KeyState;
  readonly account: AccountView;
}

const KEY_LENGTH_MAX = 256;

/** The key of a call and its account: 401 for a key that is missing, malformed, unknown, revoked or expired; 403 for what it may not do. */
export function readKey(state: RouterState, request: IncomingMessage, now: Date): Outcome<Caller> {
  const text = bearerOf(headerValue(request.rawHeaders, 'authorization'));
  if (text === undefined || !text.startsWith('eco_') || text.length > KEY_LENGTH_MAX)
    return refused('invalid_api_key', KEY_OR_OWNER_MESSAGE);
  const key = state.keys.get(digestOf(text, request.socket));
  if (key === undefined || key.status !== 'active' || isExpired(key, now))
    return refused('invalid_api_key', KEY_OR_OWNER_MESSAGE);
  const account = state.account(key.account_id);
  if (account === undefined)
    return refused('service_unavailable', 'the account of this key is not known here yet', { retryAfterSeconds: 1 });
  if (account.state.status === 'suspended') return refused('account_suspended', 'the account is suspended');
  if (!key.scopes.includes('inference'))
    return refused('scope_missing', 'this key may not make inference calls: it lacks the scope inference');
  return ok({ key, account });
}

interface KnownKey {
  readonly text: string;
  readonly digest: string;
}

/** The last key of each connection, whose next call mostly has the same. */
const knownKeys = new WeakMap<object, KnownKey>();

function digestOf(text: string, connection: object): string {
  const known = knownKeys.get(connection);
  if (known?.text === text) return known.digest;
  const digest = hash('sha256', text, 'hex');
  knownKeys.set(connection, { text, digest });
  return digest;
}

function isExpired(key: KeyState, now: Date): boolean {
  return key.expires_at !== null && Date.parse(key.expires_at) <= now.getTime();
}
