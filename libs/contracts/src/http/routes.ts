import type { Route } from './route.js';
import { ACCOUNT_ROUTES } from './routes/accounts.js';
import { INFERENCE_ROUTES } from './routes/inference.js';
import { INSTANCE_ROUTES } from './routes/instances.js';
import { BILLING_OPERATOR_ROUTES } from './routes/operators-billing.js';
import { REGISTRY_OPERATOR_ROUTES } from './routes/operators-registry.js';
import { SERVICE_ROUTES } from './routes/service.js';

/** Every call of the public HTTP API. Each owner's tests hold this table against the routes it really serves. */
export const ROUTES: readonly Route[] = [
  ...INFERENCE_ROUTES,
  ...INSTANCE_ROUTES,
  ...ACCOUNT_ROUTES,
  ...SERVICE_ROUTES,
  ...BILLING_OPERATOR_ROUTES,
  ...REGISTRY_OPERATOR_ROUTES,
];
