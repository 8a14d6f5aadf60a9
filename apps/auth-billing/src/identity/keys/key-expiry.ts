import { ApiError } from '@ecolink/contracts';

/** Throws 400 for an instant that has passed: such a key could never be used. */
export function expiryOf(expiresAtText: string | null | undefined, now: Date): Date | null {
  if (expiresAtText === undefined || expiresAtText === null) return null;
  const expiresAt = new Date(expiresAtText);
  if (expiresAt <= now) throw new ApiError('invalid_request', 'expires_at: must be in the future', { param: 'expires_at' });
  return expiresAt;
}
