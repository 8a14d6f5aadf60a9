import { newId } from '@ecolink/contracts';
import { availableOf, heldOf, type Movement, type Posting } from './posting.js';

export interface AccountBalance {
  readonly availableNanoUsd: bigint;
  readonly heldNanoUsd: bigint;
}

export interface PlannedTransactions {
  readonly postings: readonly Posting[];
  /** Every account that was given, with its balance afterwards, changed or not. */
  readonly balances: ReadonlyMap<string, AccountBalance>;
}

/** What PostgreSQL's bigint holds. */
export const AMOUNT_MAX = 2n ** 63n - 1n;

export class BalanceOutOfRangeError extends Error {
  constructor(accountId: string) {
    super(`the balance of ${accountId} would be out of range`);
  }
}

/**
 * Carries balances through movements in their order. Throws for legs that do not sum to zero, an account whose balance was
 * not given, or a balance beyond what can be stored.
 */
export function planTransactions(
  movements: readonly Movement[],
  before: ReadonlyMap<string, AccountBalance>,
  now: Date,
): PlannedTransactions {
  const balances = new Map(before);
  const postings = movements.map((movement): Posting => {
    const { accountId, legs } = movement;
    if (legs.length < 2 || sumOf(movement) !== 0n) throw new Error(`the legs of ${movement.cause.eventId} do not sum to zero`);
    const known = balances.get(accountId);
    if (known === undefined) throw new Error(`the balance of ${accountId} is not locked`);
    const amountNanoUsd = sumOf(movement, availableOf(accountId));
    const after = {
      availableNanoUsd: known.availableNanoUsd + amountNanoUsd,
      heldNanoUsd: known.heldNanoUsd + sumOf(movement, heldOf(accountId)),
    };
    if (isTooLarge(after.availableNanoUsd) || isTooLarge(after.heldNanoUsd)) throw new BalanceOutOfRangeError(accountId);
    balances.set(accountId, after);
    return { ...movement, id: newId('txn', now.getTime()), amountNanoUsd, balanceAfterNanoUsd: after.availableNanoUsd };
  });
  return { postings, balances };
}

function sumOf(movement: Movement, ledgerAccount?: string): bigint {
  return movement.legs.reduce(
    (sum, leg) => (ledgerAccount === undefined || leg.ledgerAccount === ledgerAccount ? sum + leg.amountNanoUsd : sum),
    0n,
  );
}

function isTooLarge(amountNanoUsd: bigint): boolean {
  return amountNanoUsd > AMOUNT_MAX || amountNanoUsd < -AMOUNT_MAX;
}
