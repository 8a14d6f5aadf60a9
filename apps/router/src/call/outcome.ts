import type { ErrorCode, Refusal } from '@ecolink/contracts';

/** A step of the request path gives its value or the refusal that ends the call. */
export type Outcome<Value> =
  { readonly kind: 'ok'; readonly value: Value } | { readonly kind: 'refused'; readonly refusal: Refusal };

export function ok<Value>(value: Value): Outcome<Value> {
  return { kind: 'ok', value };
}

export function refused(
  code: ErrorCode,
  message: string,
  options: { param?: string; retryAfterSeconds?: number } = {},
): { kind: 'refused'; refusal: Refusal } {
  return { kind: 'refused', refusal: { code, message, ...options } };
}
