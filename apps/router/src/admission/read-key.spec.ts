import { hash } from 'node:crypto';
import { type IncomingMessage } from 'node:http';
import type { RouterState } from '../state/router-state.js';
import { readKey } from './read-key.js';

const KEYS = ['eco_acc_one', 'eco_acc_two'];
const states = new Map(
  KEYS.map((text) => [
    hash('sha256', text, 'hex'),
    { key_id: text, account_id: 'acc_1', status: 'active', expires_at: null, scopes: ['inference'] },
  ]),
);
const state = { keys: states, account: () => ({ state: { status: 'active' } }) } as unknown as RouterState;

function callerOn(socket: object, key: string): string {
  const request = { rawHeaders: ['Authorization', `Bearer ${key}`], socket } as unknown as IncomingMessage;
  const caller = readKey(state, request, new Date(), () => '');
  return caller.kind === 'ok' ? caller.value.key.key_id : caller.refusal.code;
}

describe('the key of a call', () => {
  it('is its own, whatever key the connection had before', () => {
    const [socket, other] = [{}, {}];
    expect(callerOn(socket, 'eco_acc_one')).toBe('eco_acc_one');
    expect(callerOn(other, 'eco_acc_two')).toBe('eco_acc_two');
    expect(callerOn(socket, 'eco_acc_one')).toBe('eco_acc_one');
    expect(callerOn(socket, 'eco_acc_two')).toBe('eco_acc_two');
    expect(callerOn(socket, 'eco_acc_six')).toBe('invalid_api_key');
    expect(callerOn(socket, 'eco_acc_two')).toBe('eco_acc_two');
  });

  it('is looked up anew in each call of a connection: one that is revoked meanwhile is refused', () => {
    const socket = {};
    expect(callerOn(socket, 'eco_acc_one')).toBe('eco_acc_one');
    const digest = hash('sha256', 'eco_acc_one', 'hex');
    const before = states.get(digest);
    states.delete(digest);
    expect(callerOn(socket, 'eco_acc_one')).toBe('invalid_api_key');
    if (before !== undefined) states.set(digest, { ...before, status: 'revoked' });
    expect(callerOn(socket, 'eco_acc_one')).toBe('invalid_api_key');
  });
});
