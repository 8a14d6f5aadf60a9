import {
  type IdempotentCall,
  newApiKey,
  newId,
  PLAYGROUND_SOURCE_TAG,
  type PlaygroundToken,
  visiblePrefix,
} from '@ecolink/contracts';
import { appendEvents, Database, settleCall } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../../injection.js';
import { keyHash } from '../keys/key-hash.js';
import { keyChangedEvents } from '../keys/key-state.js';
import { lockKeysOf, revokeKeys } from '../keys/keys.store.js';
import { deleteUnusedTokens, findSurplusTokens, insertToken } from './playground-tokens.store.js';

const LIFETIME_MS = 15 * 60_000;
/** The calls of a token are posted by then. */
const KEPT_AFTER_EXPIRY_MS = 24 * 60 * 60_000;
/** Windows of one person that are open at once; the oldest token goes when there would be more. */
const LIVE_TOKENS_MAX = 20;

/** Short-lived keys for the console's own calls: a browser holds no key of the account. */
@Injectable()
export class PlaygroundTokens {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Makes a token for a member of the account. Tokens of the account that expired unused are deleted on the way. */
  async issue(accountId: string, userId: string, call: IdempotentCall | undefined): Promise<PlaygroundToken> {
    const now = this.clock();
    const key = newApiKey();
    const expiresAt = new Date(now.getTime() + LIFETIME_MS);
    await this.database.transaction(async (transaction) => {
      await lockKeysOf(transaction, accountId);
      await deleteUnusedTokens(transaction, accountId, new Date(now.getTime() - KEPT_AFTER_EXPIRY_MS));
      const surplus = await findSurplusTokens(transaction, { accountId, userId, now, keep: LIVE_TOKENS_MAX - 1 });
      const revoked = await revokeKeys(transaction, surplus, now);
      const token = await insertToken(transaction, {
        id: newId('key', now.getTime()),
        accountId,
        name: PLAYGROUND_SOURCE_TAG,
        prefix: visiblePrefix(key),
        keyHash: keyHash(key),
        scopes: ['inference'],
        sourceTag: PLAYGROUND_SOURCE_TAG,
        expiresAt,
        createdAt: now,
        createdBy: userId,
      });
      await appendEvents(
        transaction,
        [...revoked, token].flatMap((row) => keyChangedEvents(row, [], now)),
      );
      await settleCall(transaction, call, { status: 201, body: { expires_at: expiresAt.toISOString() } });
    });
    return { key, expires_at: expiresAt.toISOString() };
  }
}
