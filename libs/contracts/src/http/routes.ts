import type { Route } from './route.js';
import { ACCOUNT_ROUTES } from './routes/accounts.js';
import { API_KEY_ROUTES } from './routes/api-keys.js';
import { IDENTITY_ROUTES } from './routes/identity.js';
import { BUDGET_ROUTES } from './routes/budgets.js';
import { PLAYGROUND_ROUTES } from './routes/playground.js';
import { INFERENCE_ROUTES } from './routes/inference.js';
import { INSTANCE_ROUTES } from './routes/instances.js';
import { NOTIFICATION_ROUTES } from './routes/notifications.js';
import { BILLING_OPERATOR_ROUTES } from './routes/operators-billing.js';
import { REGISTRY_OPERATOR_ROUTES } from './routes/operators-registry.js';
import { REQUEST_ROUTES } from './routes/requests.js';
import { PAYMENT_ROUTES } from './routes/payments.js';
import { SERVICE_ROUTES } from './routes/service.js';
import { TEAM_ROUTES } from './routes/team.js';

/** Every call of the public HTTP API. Each owner's tests hold this table against the routes it really serves. */
export const ROUTES: readonly Route[] = [
  ...INFERENCE_ROUTES,
  ...INSTANCE_ROUTES,
  ...ACCOUNT_ROUTES,
  ...API_KEY_ROUTES,
  ...IDENTITY_ROUTES,
  ...TEAM_ROUTES,
  ...BUDGET_ROUTES,
  ...NOTIFICATION_ROUTES,
  ...REQUEST_ROUTES,
  ...PLAYGROUND_ROUTES,
  ...PAYMENT_ROUTES,
  ...SERVICE_ROUTES,
  ...BILLING_OPERATOR_ROUTES,
  ...REGISTRY_OPERATOR_ROUTES,
];
