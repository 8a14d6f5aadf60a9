/** Why a piece of a body cannot be held: the account has its share, or the router has all it may. */
export type BodyRefused = 'account' | 'router';

/** What one call holds of the budget. */
export interface BodyHold {
  /** Asks for room for a piece that came; `undefined` when it is granted. */
  take(bytes: number): BodyRefused | undefined;
  /** Gives everything back; once is enough, more do no harm. */
  release(): void;
}

/** No account may hold more than this part of all, so that one with huge bodies leaves room for the others. */
const ACCOUNT_SHARE = 1 / 4;
/** And no more than this after another account found no room, until all have found some for a while. */
const CONTENDED_SHARE = 1 / 8;
const CONTENDED_MS = 10_000;

/**
 * The bytes of request bodies that a router holds at a time, in sum: a call's body is kept until the call is over, since it
 * may have to be sent again, and without a bound a thousand large ones would take all memory there is.
 */
export class BodyBudget {
  private heldBytes = 0;
  private readonly accounts = new Map<string, number>();

  private contendedUntilMs = -Infinity;

  constructor(
    private readonly bytesMax: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Bytes held now. */
  get held(): number {
    return this.heldBytes;
  }

  open(accountId: string): BodyHold {
    let bytes = 0;
    return {
      take: (more) => {
        const ofAccount = this.accounts.get(accountId) ?? 0;
        if (ofAccount + more > this.bytesMax * ACCOUNT_SHARE || this.hasHadItsPart(ofAccount)) return 'account';
        if (this.heldBytes + more > this.bytesMax) {
          this.contendedUntilMs = this.now() + CONTENDED_MS;
          return 'router';
        }
        this.accounts.set(accountId, ofAccount + more);
        this.heldBytes += more;
        bytes += more;
        return undefined;
      },
      release: () => {
        this.heldBytes -= bytes;
        const rest = (this.accounts.get(accountId) ?? 0) - bytes;
        if (rest > 0) this.accounts.set(accountId, rest);
        else this.accounts.delete(accountId);
        bytes = 0;
      },
    };
  }

  private hasHadItsPart(bytesOfAccount: number): boolean {
    return bytesOfAccount > this.bytesMax * CONTENDED_SHARE && this.now() < this.contendedUntilMs;
  }
}
