import { type ErrorCode, statusOf } from '../errors.js';
import type { Route } from './route.js';

const ALWAYS: readonly ErrorCode[] = ['invalid_request', 'internal_error', 'service_unavailable'];

const OF_PRINCIPAL: readonly ErrorCode[] = [
  'session_required',
  'invalid_api_key',
  'scope_missing',
  'key_not_allowed',
  'rate_limit_exceeded',
  'role_not_permitted',
  'account_suspended',
];

const OF_AUTH: Readonly<Record<Route['auth'], readonly ErrorCode[]>> = {
  none: [],
  key: ['invalid_api_key', 'account_suspended', 'scope_missing', 'key_not_allowed', 'rate_limit_exceeded'],
  principal: OF_PRINCIPAL,
  owner: OF_PRINCIPAL,
  session: ['session_required'],
  admin: ['invalid_credentials'],
};

/** What a call may be refused with: status → codes, both in order. */
export function errorsByStatus(route: Route): ReadonlyMap<number, readonly ErrorCode[]> {
  const codes = new Set<ErrorCode>([...OF_AUTH[route.auth], ...ofRequest(route), ...(route.errors ?? []), ...ALWAYS]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of [...codes].sort((left, right) => statusOf(left) - statusOf(right))) {
    const status = statusOf(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}

function ofRequest(route: Route): ErrorCode[] {
  const codes: ErrorCode[] = [];
  if (route.body !== undefined || route.query !== undefined || route.params !== undefined) codes.push('invalid_request');
  if (route.body !== undefined) codes.push('request_too_large');
  if (route.method !== 'GET' && isForSessions(route)) codes.push('origin_refused');
  if (takesIdempotencyKey(route)) codes.push('invalid_request', 'idempotency_key_reused', 'invalid_state');
  return codes;
}

function isForSessions({ auth }: Route): boolean {
  return auth === 'principal' || auth === 'owner' || auth === 'session';
}

/** Management and operators' POSTs; signing in belongs to nobody yet, and its answer is a cookie. */
export function takesIdempotencyKey({ method, auth }: Route): boolean {
  return method === 'POST' && (auth === 'principal' || auth === 'owner' || auth === 'admin');
}
