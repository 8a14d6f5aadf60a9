import { type AccountState, type BusEvent, newId, type PlanLimits, TOPIC } from '@ecolink/contracts';
import { EVENT_SOURCE } from '../event-source.js';

export interface AccountStateRow {
  readonly id: string;
  readonly status: AccountState['status'];
  /** Grows with the account and with its balance. */
  readonly version: bigint;
  readonly balance_nano_usd: bigint;
  readonly plan_name: string;
  readonly requests_per_minute: number;
  readonly tokens_per_minute: number | null;
  readonly concurrent_requests: number | null;
  readonly positions: Record<string, number>;
}

export function toAccountState(row: AccountStateRow): AccountState {
  return {
    version: Number(row.version),
    account_id: row.id,
    status: row.status,
    plan: toPlanLimits(row),
    balance_nano_usd: String(row.balance_nano_usd),
    held_nano_usd: '0',
    posted_positions: row.positions,
  };
}

function toPlanLimits(row: AccountStateRow): PlanLimits {
  return {
    name: row.plan_name,
    requests_per_minute: row.requests_per_minute,
    tokens_per_minute: row.tokens_per_minute,
    concurrent_requests: row.concurrent_requests,
  };
}

export function accountChangedEvent(state: AccountState, now: Date): BusEvent<AccountState> {
  return {
    id: newId('evt', now.getTime()),
    source: EVENT_SOURCE,
    topic: TOPIC.accountChanged,
    key: state.account_id,
    occurredAt: now,
    data: state,
  };
}
