import {
  ApiError,
  type ApiKeyView,
  type CreatedApiKey,
  type IdempotentCall,
  newApiKey,
  normaliseAllow,
  type PatchApiKey,
  type RevokedApiKey,
  type RotateApiKey,
  visiblePrefix,
} from '@ecolink/contracts';
import { appendEvents, Database, settleCall, type Transaction } from '@ecolink/database';
import type { Actor } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../../injection.js';
import { recordAccountAudit } from '../../operations/audit/account-audit.store.js';
import { ApiKeys } from './api-keys.service.js';
import { auditedKey } from './audited-key.js';
import { forgetEarlierSecrets, readEarlierSecrets, retireSecret } from './earlier-secrets.store.js';
import { expiryOf } from './key-expiry.js';
import { keyHash } from './key-hash.js';
import { isExpired, keyChangedEvents, type KeyRow } from './key-state.js';
import {
  findDescendants,
  type KeyOfAccount,
  type KeyPatch,
  lockKey,
  lockKeysOf,
  replaceSecret,
  revokeKeys,
  updateKey,
} from './keys.store.js';

const MINUTE_MS = 60_000;
/** Secrets of one key that are kept at a time: a key that is rotated by a defect in a loop would fill every router's memory. */
const EARLIER_SECRETS_MAX = 20;

/** Changes of keys. Every one throws 404 for another account's key as for an unknown one. */
@Injectable()
export class KeyChanges {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ApiKeys) private readonly keys: ApiKeys,
  ) {}

  /** Throws 409 for a revoked key, which no change brings back. */
  async patch(key: KeyOfAccount, patch: PatchApiKey, actor: Actor): Promise<ApiKeyView> {
    const now = this.clock();
    const { id, accountId } = key;
    await this.database.transaction(async (transaction) => {
      const former = await lockLiveKey(transaction, key);
      const row = await updateKey(transaction, id, columnsOf(patch, now));
      const change = { before: auditedKey(former), after: auditedKey(row) };
      await recordAccountAudit(transaction, { accountId, actor, action: 'api_key.changed', target: id, ...change }, now);
      await announce(transaction, [row], now);
    });
    return this.keys.get(accountId, id);
  }

  /**
   * Gives the key a new secret. The one before, and any still earlier, serve for `overlap_minutes` more at the longest; 0
   * ends them now. Limits, tags and history are the key's and stay. Throws 409 for a key that serves no more.
   */
  async rotate(
    { id, accountId }: KeyOfAccount,
    request: RotateApiKey,
    actor: Actor,
    call: IdempotentCall | undefined,
  ): Promise<CreatedApiKey> {
    const now = this.clock();
    const key = newApiKey();
    const servesUntil = new Date(now.getTime() + request.overlap_minutes * MINUTE_MS);
    await this.database.transaction(async (transaction) => {
      const before = await lockLiveKey(transaction, { id, accountId });
      if (isExpired(before, now)) throw new ApiError('invalid_state', 'this key has expired; give it a later expires_at first');
      await forgetEarlierSecrets(transaction, id, now);
      if ((await readEarlierSecrets(transaction, [id])).length >= EARLIER_SECRETS_MAX)
        throw new ApiError(
          'invalid_state',
          `this key was rotated ${EARLIER_SECRETS_MAX} times within a day; make a new key instead`,
        );
      const row = await replaceSecret(transaction, id, { keyHash: keyHash(key), prefix: visiblePrefix(key) }, now);
      const earlier = await retireSecret(transaction, { keyId: id, keyHash: before.keyHash, servesUntil }, now);
      await appendEvents(transaction, keyChangedEvents(row, earlier, now));
      const after = { overlap_minutes: request.overlap_minutes };
      await recordAccountAudit(transaction, { accountId, actor, action: 'api_key.rotated', target: id, after }, now);
      await settleCall(transaction, call, { status: 201, body: { id } });
    });
    return { ...(await this.keys.get(accountId, id)), key };
  }

  /** Revokes all secrets of a key for all new calls, once; and of those that it made, and so on, where asked for. */
  async revoke({ id, accountId }: KeyOfAccount, withDescendants: boolean, actor: Actor): Promise<RevokedApiKey> {
    const now = this.clock();
    const descendants = await this.database.transaction(async (transaction) => {
      await lockKeysOf(transaction, accountId);
      if ((await lockKey(transaction, { id, accountId })) === undefined) refuseUnknown();
      const made = withDescendants ? await findDescendants(transaction, { id, accountId }) : [];
      const revoked = await revokeKeys(transaction, [id, ...made], now);
      await announce(transaction, revoked, now);
      for (const row of revoked) {
        const audit = { accountId, actor, action: 'api_key.revoked', target: row.id, before: auditedKey(row) };
        await recordAccountAudit(transaction, audit, now);
      }
      return revoked.map((row) => row.id).filter((revokedId) => revokedId !== id);
    });
    return { ...(await this.keys.get(accountId, id)), revoked_descendants: descendants };
  }
}

async function lockLiveKey(transaction: Transaction, where: KeyOfAccount): Promise<KeyRow> {
  const row = (await lockKey(transaction, where)) ?? refuseUnknown();
  if (row.revokedAt !== null) throw new ApiError('invalid_state', 'this key is revoked, which is final; make a new one');
  return row;
}

async function announce(transaction: Transaction, rows: readonly KeyRow[], now: Date): Promise<void> {
  const earlier = await readEarlierSecrets(
    transaction,
    rows.map(({ id }) => id),
  );
  const events = rows.flatMap((row) =>
    keyChangedEvents(
      row,
      earlier.filter(({ keyId }) => keyId === row.id),
      now,
    ),
  );
  await appendEvents(transaction, events);
}

function columnsOf(patch: PatchApiKey, now: Date): KeyPatch {
  return {
    ...(patch.name === undefined ? {} : { name: patch.name }),
    ...(patch.source_tag === undefined ? {} : { sourceTag: patch.source_tag }),
    ...(patch.scopes === undefined ? {} : { scopes: [...new Set(patch.scopes)] }),
    ...(patch.expires_at === undefined ? {} : { expiresAt: expiryOf(patch.expires_at, now) }),
    ...(patch.allow === undefined ? {} : { allow: normaliseAllow(patch.allow) }),
  };
}

function refuseUnknown(): never {
  throw new ApiError('not_found', 'there is no such key');
}
