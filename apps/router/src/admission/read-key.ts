import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { headerValue, KEY_OR_OWNER_MESSAGE, type KeyState, type Refusal } from '@ecolink/contracts';
import { bearerOf } from '@ecolink/service-kit';
import type { Credential } from '../apis/api.js';
import type { AccountBudget } from './account-budget.js';
import { refuseNetwork } from './key-allowance.js';
import type { RouterState } from '../state/router-state.js';
import { refused } from '../call/outcome.js';

export interface Caller {
  readonly key: KeyState;
  readonly account: AccountBudget;
}

/** A refusal names the key where one was recognised: its account finds the refusal in its request log. */
export type ReadKey =
  | { readonly kind: 'ok'; readonly value: Caller }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly key?: KeyState };

const KEY_LENGTH_MAX = 256;

/** The key of a call and its account: 401 for a key that is missing, malformed, unknown, revoked or expired; 403 for what it may not do. */
export function readKey(
  state: RouterState,
  request: IncomingMessage,
  now: Date,
  addressOf: (request: IncomingMessage) => string,
  credential: Credential = 'bearer',
): ReadKey {
  const authorization = headerValue(request.rawHeaders, 'authorization');
  const apiKey = credential === 'bearer_or_x_api_key' ? headerValue(request.rawHeaders, 'x-api-key') : undefined;
  const text = bearerOf(authorization) ?? apiKey?.trim();
  if (text === undefined && authorization === undefined) return refused('invalid_api_key', noKeyMessage(credential));
  if (text === undefined || !text.startsWith('eco_') || text.length > KEY_LENGTH_MAX)
    return refused('invalid_api_key', KEY_OR_OWNER_MESSAGE);
  const key = state.keys.get(digestOf(text, request.socket));
  if (key === undefined || key.status !== 'active' || isExpired(key, now))
    return refused('invalid_api_key', KEY_OR_OWNER_MESSAGE);
  const account = state.account(key.account_id);
  if (account === undefined)
    return refused('service_unavailable', 'the account of this key is not known here yet', { retryAfterSeconds: 1 });
  if (account.state.status === 'suspended') return { ...refused('account_suspended', 'the account is suspended'), key };
  if (!key.scopes.includes('inference'))
    return { ...refused('scope_missing', 'this key may not make inference calls: it lacks the scope inference'), key };
  const refusal = refuseNetwork(key, () => addressOf(request));
  return refusal === undefined ? { kind: 'ok', value: { key, account } } : { kind: 'refused', refusal, key };
}

function noKeyMessage(credential: Credential): string {
  const also = credential === 'bearer' ? '' : ' or `x-api-key: eco_…`';
  return `no API key was sent: send it as \`Authorization: Bearer eco_…\`${also}`;
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
