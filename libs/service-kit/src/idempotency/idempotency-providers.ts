import type { Provider } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { IdempotencyPruner } from './idempotency-pruner.js';
import { IdempotencyStore } from './idempotency-store.js';

/**
 * What a service lists among its providers to honour `Idempotency-Key` on all its management POSTs. Interceptors run in the
 * order in which they are listed: one that has to see repeated calls too, such as an audit, goes before.
 */
export function idempotencyProviders(store: IdempotencyStore): Provider[] {
  return [
    { provide: IdempotencyStore, useValue: store },
    IdempotencyPruner,
    { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
  ];
}
