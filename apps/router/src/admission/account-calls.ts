import type { Refusal } from '@ecolink/contracts';

const RETRY_AFTER_SECONDS = 1;

/** The calls that each account has open through this router: together they are connections and memory of all. */
export class AccountCalls {
  private readonly open = new Map<string, number>();

  constructor(private readonly callsMax: number) {}

  /** Counts a call. @returns how to end it, once; or why there may be no more. */
  enter(accountId: string): (() => void) | Refusal {
    const calls = this.open.get(accountId) ?? 0;
    if (calls >= this.callsMax) {
      return {
        code: 'rate_limit_exceeded',
        message: `this account has ${calls} calls open; try again when some of them have ended`,
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      };
    }
    this.open.set(accountId, calls + 1);
    return () => {
      const rest = (this.open.get(accountId) ?? 1) - 1;
      if (rest === 0) this.open.delete(accountId);
      else this.open.set(accountId, rest);
    };
  }
}
