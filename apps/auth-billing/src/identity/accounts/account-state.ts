import { type AccountState, type BudgetState, type BusEvent, newId, type PlanLimits, TOPIC } from '@ecolink/contracts';
import { EVENT_SOURCE } from '../../event-source.js';

export interface AccountStateRow {
  readonly id: string;
  readonly status: AccountState['status'];
  /** Grows with the account and with its balance. */
  readonly version: bigint;
  readonly balance_nano_usd: bigint;
  /** The unspent part of the holds. */
  readonly held_nano_usd: bigint;
  readonly plan_name: string;
  readonly requests_per_minute: number;
  readonly tokens_per_minute: number | null;
  readonly concurrent_requests: number | null;
  readonly positions: Record<string, number>;
  readonly time_zone: string;
}

export function toAccountState(row: AccountStateRow, budgets: readonly BudgetState[]): AccountState {
  return {
    version: Number(row.version),
    account_id: row.id,
    status: row.status,
    plan: toPlanLimits(row),
    balance_nano_usd: String(row.balance_nano_usd),
    held_nano_usd: String(row.held_nano_usd),
    posted_positions: row.positions,
    time_zone: row.time_zone,
    ...(budgets.length === 0 ? {} : { budgets: [...budgets] }),
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
