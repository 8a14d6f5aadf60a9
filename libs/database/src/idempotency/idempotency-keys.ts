import {
  ApiError,
  type IdempotencyClaim,
  type IdempotentCall,
  type IdempotentRequest,
  type StoredAnswer,
} from '@ecolink/contracts';
import type { Database, Transaction } from '../database.js';
import { Prisma } from '../generated/prisma/client.js';

/** A holder that is silent for this long is taken for dead. */
const TAKE_OVER_AFTER_MS = 60_000;
/** How long a key stands for its answer. */
const KEPT_MS = 24 * 60 * 60 * 1_000;
const CLAIM_ATTEMPTS_MAX = 3;

interface KeyRow {
  readonly request_hash: string;
  readonly status: number | null;
  readonly body: unknown;
}

/**
 * The table `idempotency_keys`. A row without a status belongs to whoever works on the call; `created_at` tells that holder
 * from the next one, so a holder that was taken for dead can no longer answer.
 */
export class IdempotencyKeys {
  constructor(private readonly database: Database) {}

  /** Waits for a transaction that is about to settle the same call. */
  async claim(request: IdempotentRequest): Promise<IdempotencyClaim> {
    for (let attempt = 0; attempt < CLAIM_ATTEMPTS_MAX; attempt += 1) {
      const holder = await this.take(request);
      if (holder !== undefined) return { kind: 'claimed', call: { scope: request.scope, key: request.key, holder } };
      const row = await this.read(request);
      // Its holder gave it up in between.
      if (row === undefined) continue;
      if (row.request_hash !== request.requestHash) return { kind: 'reused' };
      if (row.status !== null) return { kind: 'answered', answer: { status: row.status, body: row.body } };
      return { kind: 'running' };
    }
    return { kind: 'running' };
  }

  /** Stores the answer, unless it is stored already or the call was taken over. */
  async complete(call: IdempotentCall, answer: StoredAnswer): Promise<void> {
    await store(this.database.client, call, answer);
  }

  /** Lets the next caller try, unless the call is answered or was taken over. */
  async release({ scope, key, holder }: IdempotentCall): Promise<void> {
    await this.database.client.$executeRaw`
      DELETE FROM idempotency_keys
      WHERE scope = ${scope} AND key = ${key} AND created_at = ${holder}::timestamptz AND status IS NULL`;
  }

  /** Deletes up to `rowsMax` keys that are too old to stand for anything; gives how many. */
  async prune(rowsMax: number): Promise<number> {
    return this.database.client.$executeRaw`
      DELETE FROM idempotency_keys WHERE ctid IN (
        SELECT ctid FROM idempotency_keys
        WHERE created_at < now() - make_interval(secs => ${KEPT_MS / 1_000}) LIMIT ${rowsMax} FOR UPDATE SKIP LOCKED)`;
  }

  private async take({ scope, key, requestHash }: IdempotentRequest): Promise<string | undefined> {
    const rows = await this.database.client.$queryRaw<{ holder: string }[]>`
      INSERT INTO idempotency_keys AS known (scope, key, request_hash, created_at)
      VALUES (${scope}, ${key}, ${requestHash}, clock_timestamp())
      ON CONFLICT (scope, key) DO UPDATE
        SET request_hash = excluded.request_hash, status = NULL, body = NULL, created_at = excluded.created_at
        WHERE known.created_at < excluded.created_at - make_interval(secs => ${KEPT_MS / 1_000})
          OR (known.status IS NULL AND known.request_hash = excluded.request_hash
            AND known.created_at < excluded.created_at - make_interval(secs => ${TAKE_OVER_AFTER_MS / 1_000}))
      RETURNING created_at::text AS holder`;
    return rows[0]?.holder;
  }

  private async read({ scope, key }: IdempotentRequest): Promise<KeyRow | undefined> {
    const rows = await this.database.client.$queryRaw<KeyRow[]>`
      SELECT request_hash, status, body FROM idempotency_keys WHERE scope = ${scope} AND key = ${key}`;
    return rows[0];
  }
}

/**
 * Stores the answer in the transaction that has the call's effect, so that the two can only happen together. Without a call
 * (no `Idempotency-Key`) it does nothing. Throws 409 where the call was taken over, which rolls the transaction back.
 */
export async function settleCall(
  transaction: Transaction,
  call: IdempotentCall | undefined,
  answer: StoredAnswer,
): Promise<void> {
  if (call === undefined) return;
  if ((await store(transaction, call, answer)) === 0) {
    throw new ApiError('invalid_state', 'this call took too long and was taken over', { retryAfterSeconds: 1 });
  }
}

async function store(
  client: Pick<Transaction, '$executeRaw'>,
  { scope, key, holder }: IdempotentCall,
  { status, body }: StoredAnswer,
): Promise<number> {
  const text = body === undefined ? null : JSON.stringify(body);
  return client.$executeRaw(Prisma.sql`
    UPDATE idempotency_keys SET status = ${status}, body = ${text}::jsonb
    WHERE scope = ${scope} AND key = ${key} AND created_at = ${holder}::timestamptz AND status IS NULL`);
}
