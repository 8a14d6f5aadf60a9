import { createHash } from 'node:crypto';
import { ApiError, type IdempotentCall, type IdempotentRequest } from '@ecolink/contracts';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller-of.js';

export interface CarriesCall {
  idempotentCall?: IdempotentCall;
}

const KEY_PATTERN = /^[\x21-\x7e]{1,255}$/;
const MANAGEMENT_PATTERN = /^\/(api|admin)\/v1\//;
/** Of the path, as much as an index entry can hold; the hash covers all of it. */
const SCOPE_PATH_LENGTH_MAX = 512;

/**
 * What a management POST with an `Idempotency-Key` asks for; undefined for every other call, and for one that is nobody's
 * (signing in, whose answer is a cookie). Throws 400 for a key that is not 1 to 255 visible ASCII characters.
 */
export function idempotentRequestOf(request: FastifyRequest): IdempotentRequest | undefined {
  const key = request.headers['idempotency-key'];
  const caller = callerOf(request);
  if (key === undefined || caller === undefined) return undefined;
  if (request.method !== 'POST' || !MANAGEMENT_PATTERN.test(request.routeOptions.url ?? '')) return undefined;
  if (typeof key !== 'string' || !KEY_PATTERN.test(key)) {
    throw new ApiError('invalid_request', 'Idempotency-Key must be 1 to 255 visible ASCII characters', {
      param: 'Idempotency-Key',
    });
  }
  const path = request.url.split('?')[0] ?? '';
  const hashed = JSON.stringify([request.method, request.url, request.body ?? null]);
  return {
    scope: `${caller} ${request.method} ${path.slice(0, SCOPE_PATH_LENGTH_MAX)}`,
    key,
    requestHash: createHash('sha256').update(hashed).digest('hex'),
  };
}
