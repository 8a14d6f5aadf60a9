import { HEADER } from '@ecolink/contracts';

/** Why a call did not succeed, in the one shape of all pages. `status` 0: no answer came. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  /** The field that is wrong, as the API names it. */
  readonly param: string | null;
  readonly requestId: string | null;
  readonly retryAfterSeconds: number | null;

  constructor(fields: {
    status: number;
    code: string;
    message: string;
    param?: string | null;
    requestId?: string | null;
    retryAfterSeconds?: number | null;
  }) {
    super(fields.message);
    this.name = 'Problem';
    this.status = fields.status;
    this.code = fields.code;
    this.param = fields.param ?? null;
    this.requestId = fields.requestId ?? null;
    this.retryAfterSeconds = fields.retryAfterSeconds ?? null;
  }
}

/** The problem of an answer that is no success; what is no error of ours is told by its status. */
export function problemOf(response: Pick<Response, 'status' | 'headers'>, body: unknown): Problem {
  const error = isRecord(body) && isRecord(body['error']) ? body['error'] : {};
  const retryAfter = Number(response.headers.get('retry-after') ?? NaN);
  return new Problem({
    status: response.status,
    code: textOf(error['code']) ?? `http_${response.status}`,
    message: textOf(error['message']) ?? `The server answered ${response.status}.`,
    param: textOf(error['param']) ?? null,
    requestId: response.headers.get(HEADER.requestId),
    retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : null,
  });
}

/** Any thrown thing as a problem. */
export function toProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new Problem({ status: 0, code: 'connection_failed', message });
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
