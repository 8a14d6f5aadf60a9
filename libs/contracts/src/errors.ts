import { z } from 'zod';

/**
 * Every error code of the product with its HTTP status. Bodies are always
 * `{"error":{"message","type","code","param"}}`, the shape that OpenAI's SDKs parse.
 */
export const ERRORS = {
  invalid_request: { status: 400, type: 'invalid_request_error' },
  wrong_instance_kind: { status: 400, type: 'invalid_request_error' },
  wrong_category: { status: 400, type: 'invalid_request_error' },
  url_not_allowed: { status: 400, type: 'invalid_request_error' },
  oidc_failed: { status: 400, type: 'invalid_request_error' },
  invalid_api_key: { status: 401, type: 'authentication_error' },
  instance_not_owned: { status: 401, type: 'authentication_error' },
  session_required: { status: 401, type: 'authentication_error' },
  invalid_credentials: { status: 401, type: 'authentication_error' },
  mfa_required: { status: 401, type: 'authentication_error' },
  insufficient_balance: { status: 402, type: 'billing_error' },
  instance_credit_depleted: { status: 402, type: 'billing_error' },
  model_not_priced: { status: 402, type: 'billing_error' },
  budget_reached: { status: 402, type: 'billing_error' },
  role_not_permitted: { status: 403, type: 'permission_error' },
  scope_missing: { status: 403, type: 'permission_error' },
  key_not_allowed: { status: 403, type: 'permission_error' },
  account_suspended: { status: 403, type: 'permission_error' },
  mfa_enrolment_required: { status: 403, type: 'permission_error' },
  signup_closed: { status: 403, type: 'permission_error' },
  origin_refused: { status: 403, type: 'permission_error' },
  model_not_found: { status: 404, type: 'invalid_request_error' },
  instance_not_found: { status: 404, type: 'invalid_request_error' },
  path_not_allowed: { status: 404, type: 'invalid_request_error' },
  not_found: { status: 404, type: 'invalid_request_error' },
  name_taken: { status: 409, type: 'invalid_request_error' },
  invalid_state: { status: 409, type: 'invalid_request_error' },
  insufficient_capacity: { status: 409, type: 'invalid_request_error' },
  model_in_use: { status: 409, type: 'invalid_request_error' },
  email_taken: { status: 409, type: 'invalid_request_error' },
  last_owner: { status: 409, type: 'invalid_request_error' },
  quota_reached: { status: 409, type: 'invalid_request_error' },
  idempotency_key_reused: { status: 409, type: 'invalid_request_error' },
  invite_expired: { status: 410, type: 'invalid_request_error' },
  reset_expired: { status: 410, type: 'invalid_request_error' },
  request_timeout: { status: 408, type: 'invalid_request_error' },
  request_too_large: { status: 413, type: 'invalid_request_error' },
  rate_limit_exceeded: { status: 429, type: 'rate_limit_error' },
  internal_error: { status: 500, type: 'server_error' },
  upgrade_not_supported: { status: 501, type: 'invalid_request_error' },
  upstream_error: { status: 502, type: 'server_error' },
  no_healthy_pod: { status: 503, type: 'server_error' },
  instance_not_ready: { status: 503, type: 'server_error' },
  usage_journal_full: { status: 503, type: 'server_error' },
  payments_not_configured: { status: 503, type: 'server_error' },
  service_unavailable: { status: 503, type: 'server_error' },
  upstream_timeout: { status: 504, type: 'server_error' },
} as const satisfies Record<string, { status: number; type: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** The documented message of both 401 causes on the public API: a stranger learns nothing about an instance from it. */
export const KEY_OR_OWNER_MESSAGE = "API key invalid or doesn't own the instance";

export interface ErrorBody {
  readonly error: { readonly message: string; readonly type: string; readonly code: ErrorCode; readonly param: string | null };
}

/** The same for those who read schemas. */
export const errorAnswer = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
    param: z.string().nullable(),
  }),
});

/** An expected refusal: a value on the request path, thrown as `ApiError` by management controllers. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly param?: string;
  /** Seconds for a `Retry-After` header. */
  readonly retryAfterSeconds?: number;
}

/** A refusal that a controller throws; the error filter turns it into the one error shape. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly param: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: { param?: string; retryAfterSeconds?: number } = {}) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.param = options.param;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}

export function errorBody(refusal: Refusal): ErrorBody {
  return {
    error: { message: refusal.message, type: ERRORS[refusal.code].type, code: refusal.code, param: refusal.param ?? null },
  };
}

export function statusOf(code: ErrorCode): number {
  return ERRORS[code].status;
}
