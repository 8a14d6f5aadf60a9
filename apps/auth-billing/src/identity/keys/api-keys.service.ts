import {
  ApiError,
  type ApiKeysQuery,
  type ApiKeyView,
  type CreateApiKey,
  type CreatedApiKey,
  type IdempotentCall,
  KEY_OR_OWNER_MESSAGE,
  type ListPage,
  newApiKey,
  newId,
  normaliseAllow,
  visiblePrefix,
} from '@ecolink/contracts';
import { appendEvents, Database, settleCall } from '@ecolink/database';
import type { Actor } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../../injection.js';
import { recordAccountAudit } from '../../operations/audit/account-audit.store.js';
import { holdQuota } from '../../pricing/plans/hold-quota.js';
import { auditedKey } from './audited-key.js';
import { readEarlierSecrets } from './earlier-secrets.store.js';
import { expiryOf } from './key-expiry.js';
import { keyHash } from './key-hash.js';
import { keyChangedEvents, type KeyRow, toApiKeyView } from './key-state.js';
import { KeyUses } from './key-uses.service.js';
import { countLiveKeys, findKey, insertKey, isLiveKey, listKeys, type NewKey } from './keys.store.js';

@Injectable()
export class ApiKeys {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(KeyUses) private readonly uses: KeyUses,
  ) {}

  async list(accountId: string, query: ApiKeysQuery): Promise<ListPage<ApiKeyView>> {
    const page = await listKeys(this.database.client, accountId, query);
    return { ...page, data: await this.viewsOf(page.data) };
  }

  /** A key of the account. Throws 404 for another account's key as for an unknown one. */
  async get(accountId: string, id: string): Promise<ApiKeyView> {
    const row = await findKey(this.database.client, { id, accountId });
    const [view] = row === undefined ? [] : await this.viewsOf([row]);
    if (view === undefined) throw new ApiError('not_found', 'there is no such key');
    return view;
  }

  /** Makes a key; the answer is the only place where its text ever is. */
  async create(accountId: string, request: CreateApiKey, actor: Actor, call: IdempotentCall | undefined): Promise<CreatedApiKey> {
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
      expiresAt: expiryOf(request.expires_at, now),
      allow: normaliseAllow(request.allow),
      createdAt: now,
      createdBy: actor.kind === 'operator' ? `admin/${actor.id}` : actor.id,
    };
    const view = (row: KeyRow): ApiKeyView => toApiKeyView(row, { now, earlier: [], lastUsedAt: undefined });
    const row = await this.database.transaction(async (transaction) => {
      await holdQuota(transaction, accountId, { name: 'max_keys', count: () => countLiveKeys(transaction, accountId, now) });
      // One that was revoked since its call was let in makes none: revoking it with its descendants would miss this one.
      if (newKey.createdBy.startsWith('key_') && !(await isLiveKey(transaction, newKey.createdBy, now)))
        throw new ApiError('invalid_api_key', KEY_OR_OWNER_MESSAGE);
      const inserted = await insertKey(transaction, newKey);
      await appendEvents(transaction, keyChangedEvents(inserted, [], now));
      const audit = { accountId, actor, action: 'api_key.created', target: inserted.id, after: auditedKey(inserted) };
      await recordAccountAudit(transaction, audit, now);
      await settleCall(transaction, call, { status: 201, body: view(inserted) });
      return inserted;
    });
    return { ...view(row), key };
  }

  private async viewsOf(rows: readonly KeyRow[]): Promise<readonly ApiKeyView[]> {
    const now = this.clock();
    const ids = rows.map(({ id }) => id);
    const [earlier, uses] = await Promise.all([readEarlierSecrets(this.database.client, ids), this.uses.read(ids)]);
    return rows.map((row) =>
      toApiKeyView(row, { now, earlier: earlier.filter(({ keyId }) => keyId === row.id), lastUsedAt: uses.get(row.id) }),
    );
  }
}
