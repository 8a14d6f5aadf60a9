/** Who makes a call. `stranger`: the owner of another account. */
export const ROLES = ['owner', 'member', 'managementKey', 'inferenceKey', 'nobody', 'stranger'] as const;
export type Role = (typeof ROLES)[number];

/** `in`: the call is let in, whatever then comes of it; else the code of its refusal. `hidden`: 404, as for what does not exist. */
export type Outcome =
  'in' | 'hidden' | 'session_required' | 'role_not_permitted' | 'scope_missing' | 'invalid_api_key' | 'invalid_credentials';

type Row = Readonly<Record<Role, Outcome>>;

const everybody = (outcome: Outcome): Row => ({
  owner: outcome,
  member: outcome,
  managementKey: outcome,
  inferenceKey: outcome,
  nobody: outcome,
  stranger: outcome,
});

const PUBLIC = everybody('in');
const OPERATORS = everybody('invalid_credentials');
/** Anybody of the account; a stranger sees what is the stranger's own. */
const MEMBERS: Row = { ...PUBLIC, inferenceKey: 'scope_missing', nobody: 'session_required' };
const OWNERS: Row = { ...MEMBERS, member: 'role_not_permitted' };
/** The same for one thing of the account. */
const MEMBERS_THING: Row = { ...MEMBERS, stranger: 'hidden' };
const OWNERS_THING: Row = { ...OWNERS, stranger: 'hidden' };
const PERSON: Row = {
  ...PUBLIC,
  managementKey: 'session_required',
  inferenceKey: 'session_required',
  nobody: 'session_required',
};
const MODELS: Row = { ...everybody('invalid_api_key'), managementKey: 'scope_missing', inferenceKey: 'in' };

function rows(row: Row, routes: string): [string, Row][] {
  return routes
    .trim()
    .split(/\s*\n\s*/)
    .map((route) => [route, row]);
}

/** Every operation of the published document, and what each role is answered. */
export const ROUTE_ROWS: ReadonlyMap<string, Row> = new Map([
  ...rows(
    PUBLIC,
    `GET /healthz
    GET /readyz
    GET /openapi.json
    GET /platform/models
    GET /metrics
    GET /api/v1/signup
    POST /api/v1/signup
    POST /api/v1/session
    DELETE /api/v1/session
    POST /api/v1/password-reset
    POST /api/v1/password-reset/request
    GET /api/v1/oidc/start
    GET /api/v1/oidc/callback
    POST /api/v1/billing/stripe-webhook
    GET /api/v1/invites/{token}/preview`,
  ),
  ...rows(
    MEMBERS,
    `GET /api/v1/me
    GET /api/v1/account
    GET /api/v1/budgets
    GET /api/v1/requests
    GET /api/v1/requests/histogram
    GET /api/v1/notifications
    POST /api/v1/notifications/read
    GET /api/v1/stream
    GET /api/v1/members
    GET /api/v1/api-keys
    GET /api/v1/billing
    GET /api/v1/billing/calls
    GET /api/v1/billing/auto-recharge
    GET /api/v1/billing/card
    GET /api/v1/billing/transactions
    GET /api/v1/billing/usage
    GET /api/v1/gpu-types
    GET /api/v1/regions
    GET /api/v1/models
    POST /api/v1/models
    GET /api/v1/instances
    POST /api/v1/instances
    POST /api/v1/instances/quote
    POST /api/v1/instances/test-pod`,
  ),
  ...rows(
    MEMBERS_THING,
    `GET /api/v1/api-keys/{id}
    GET /api/v1/models/{id}
    PATCH /api/v1/models/{id}
    DELETE /api/v1/models/{id}
    GET /api/v1/instances/{id}
    GET /api/v1/instances/{id}/events
    GET /api/v1/requests/{request_id}
    GET /api/v1/instances/{id}/logs
    GET /api/v1/instances/{id}/metrics
    GET /api/v1/instances/{id}/revisions
    PATCH /api/v1/instances/{id}
    PUT /api/v1/instances/{id}/pods
    POST /api/v1/instances/{id}/start
    POST /api/v1/instances/{id}/stop
    POST /api/v1/instances/{id}/terminate`,
  ),
  ...rows(
    OWNERS,
    `PATCH /api/v1/account
    POST /api/v1/billing/top-ups
    PUT /api/v1/billing/auto-recharge
    POST /api/v1/billing/card
    DELETE /api/v1/billing/card
    POST /api/v1/api-keys
    GET /api/v1/invites
    POST /api/v1/invites
    POST /api/v1/budgets
    GET /api/v1/alert-channels
    POST /api/v1/alert-channels
    GET /api/v1/audit-log`,
  ),
  ...rows(
    OWNERS_THING,
    `PATCH /api/v1/api-keys/{id}
    DELETE /api/v1/api-keys/{id}
    POST /api/v1/api-keys/{id}/rotate
    DELETE /api/v1/invites/{id}
    PATCH /api/v1/alert-channels/{id}
    DELETE /api/v1/alert-channels/{id}
    POST /api/v1/alert-channels/{id}/test
    GET /api/v1/alert-channels/{id}/deliveries
    PATCH /api/v1/budgets/{id}
    DELETE /api/v1/budgets/{id}
    POST /api/v1/budgets/{id}/raise
    PATCH /api/v1/members/{user_id}
    DELETE /api/v1/members/{user_id}`,
  ),
  ...rows({ ...PERSON, inferenceKey: 'scope_missing' }, `POST /api/v1/playground/token`),
  ...rows(
    PERSON,
    `PATCH /api/v1/me
    DELETE /api/v1/me
    PUT /api/v1/me/active-account
    PUT /api/v1/me/password
    DELETE /api/v1/me/sessions
    POST /api/v1/me/totp
    POST /api/v1/me/totp/confirm
    DELETE /api/v1/me/totp
    POST /api/v1/session/second-factor
    POST /api/v1/invites/accept`,
  ),
  ...rows(
    MODELS,
    `GET /v1/models
    GET /v1/models/{id}
    POST /v1/chat/completions
    POST /v1/completions
    POST /v1/embeddings
    POST /v1/responses
    POST /v1/messages
    POST /v1/messages/count_tokens
    POST /v1/rerank
    POST /v1/video/generations
    GET /v1/video/generations/{id}
    POST /v2/rerank
    POST /v1/images/generations
    POST /v1/images/edits
    POST /v1/audio/speech
    POST /v1/audio/transcriptions
    POST /v1/audio/translations
    GET /inference-instances/{id}/proxy/{path}
    HEAD /inference-instances/{id}/proxy/{path}
    POST /inference-instances/{id}/proxy/{path}
    PUT /inference-instances/{id}/proxy/{path}
    PATCH /inference-instances/{id}/proxy/{path}
    DELETE /inference-instances/{id}/proxy/{path}
    OPTIONS /inference-instances/{id}/proxy/{path}`,
  ),
  ...rows(
    OPERATORS,
    `GET /admin/v1/accounts
    POST /admin/v1/accounts
    GET /admin/v1/accounts/{id}
    PATCH /admin/v1/accounts/{id}
    DELETE /admin/v1/accounts/{id}
    POST /admin/v1/accounts/{id}/credits
    GET /admin/v1/accounts/{id}/api-keys
    POST /admin/v1/accounts/{id}/api-keys
    DELETE /admin/v1/accounts/{id}/api-keys/{keyId}
    GET /admin/v1/users
    POST /admin/v1/users/{id}/reset-link
    DELETE /admin/v1/users/{id}
    GET /admin/v1/plans
    GET /admin/v1/plans/{name}
    PUT /admin/v1/plans/{name}
    DELETE /admin/v1/plans/{name}
    GET /admin/v1/overview
    GET /admin/v1/ledger/transactions
    GET /admin/v1/ledger/trial-balance
    POST /admin/v1/reconcile
    GET /admin/v1/events
    GET /admin/v1/dead-letters
    POST /admin/v1/dead-letters/{id}/replay
    GET /admin/v1/audit-log
    GET /admin/v1/instances
    GET /admin/v1/instances/{id}
    PATCH /admin/v1/instances/{id}
    POST /admin/v1/instances/{id}/drain
    POST /admin/v1/instances/{id}/terminate
    GET /admin/v1/platform-models
    GET /admin/v1/platform-models/{id}
    PUT /admin/v1/platform-models/{id}
    PATCH /admin/v1/platform-models/{id}
    DELETE /admin/v1/platform-models/{id}
    GET /admin/v1/gpu-types
    PUT /admin/v1/gpu-types/{name}
    GET /admin/v1/regions
    PUT /admin/v1/regions/{code}
    PATCH /admin/v1/regions/{code}
    DELETE /admin/v1/regions/{code}`,
  ),
]);
