import type { IdempotencyClaim, IdempotentCall, IdempotentRequest, StoredAnswer } from '@ecolink/contracts';

/** Where the answers of calls with an `Idempotency-Key` are kept. `IdempotencyKeys` of the database lib is one. */
export abstract class IdempotencyStore {
  abstract claim(request: IdempotentRequest): Promise<IdempotencyClaim>;
  /** Stores the answer where nothing has stored it yet. */
  abstract complete(call: IdempotentCall, answer: StoredAnswer): Promise<void>;
  /** Gives up a call that has no answer worth keeping. */
  abstract release(call: IdempotentCall): Promise<void>;
  /** Deletes up to `rowsMax` keys that are too old; gives how many. */
  abstract prune(rowsMax: number): Promise<number>;
}
