import {
  ApiError,
  type ApiKeyView,
  type CreateApiKey,
  type CreatedApiKey,
  type IdempotentCall,
  type ListPage,
  type ListQuery,
  newApiKey,
  newId,
  visiblePrefix,
} from '@ecolink/contracts';
import { appendEvents, Database, settleCall } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../injection.js';
import { keyHash } from './key-hash.js';
import { keyChangedEvent, toApiKeyView } from './key-state.js';
import { insertKey, isAccount, listKeys, type NewKey, revokeKey } from './keys.store.js';

@Injectable()
export class ApiKeys {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(accountId: string, query: ListQuery): Promise<ListPage<ApiKeyView>> {
    const page = await listKeys(this.database.client, accountId, query);
    return { ...page, data: page.data.map((row) => toApiKeyView(row, this.clock())) };
  }

  /** Makes a key; the answer is the only place where its text ever is. `createdBy`: a user, a key or an operator. */
  async create(
    accountId: string,
    request: CreateApiKey,
    createdBy: string,
    call: IdempotentCall | undefined,
  ): Promise<CreatedApiKey> {
    const now = this.clock();
    const key = newApiKey();
    const newKey: NewKey = {
      id: newId('key', now.getTime()),
      accountId,
      name: request.name,
      prefix: visiblePrefix(key),
      keyHash: keyHash(key),
      scopes: [...new Set(request.scopes)],
      sourceTag: request.source_tag ?? null,
      expiresAt: expiryOf(request, now),
      createdAt: now,
      createdBy,
    };
    const row = await this.database.transaction(async (transaction) => {
      if (!(await isAccount(transaction, accountId))) throw new ApiError('not_found', 'there is no such account');
      const inserted = await insertKey(transaction, newKey);
      await appendEvents(transaction, [keyChangedEvent(inserted, now)]);
      await settleCall(transaction, call, { status: 201, body: toApiKeyView(inserted, now) });
      return inserted;
    });
    return { ...toApiKeyView(row, now), key };
  }

  /** Revokes a key of the account for all new calls. Throws 404 for another account's key as for an unknown one. */
  async revoke(accountId: string, id: string): Promise<ApiKeyView> {
    const now = this.clock();
    return this.database.transaction(async (transaction) => {
      const revoked = await revokeKey(transaction, { id, accountId }, now);
      if (revoked === undefined) throw new ApiError('not_found', 'there is no such key');
      if (revoked.isNew) await appendEvents(transaction, [keyChangedEvent(revoked.row, now)]);
      return toApiKeyView(revoked.row, now);
    });
  }
}

function expiryOf(request: CreateApiKey, now: Date): Date | null {
  if (request.expires_at === undefined || request.expires_at === null) return null;
  const expiresAt = new Date(request.expires_at);
  if (expiresAt <= now) throw new ApiError('invalid_request', 'expires_at: must be in the future', { param: 'expires_at' });
  return expiresAt;
}
