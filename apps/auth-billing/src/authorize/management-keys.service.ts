import { ApiError, bearerToken, isApiKeyFormat, KEY_OR_OWNER_MESSAGE } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../injection.js';
import { keyHash } from '../keys/key-hash.js';
import { isExpired } from '../keys/key-state.js';
import { findKeyByHash, type KnownKey } from './authorize.store.js';

@Injectable()
export class ManagementKeys {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The live key of an `Authorization` header that may manage its account. Throws 401, then 403 `scope_missing`. */
  async find(authorization: string): Promise<KnownKey> {
    const text = bearerToken(authorization);
    const key = text !== undefined && isApiKeyFormat(text) ? await findKeyByHash(this.database.client, keyHash(text)) : undefined;
    if (key === undefined || key.isRevoked || isExpired(key, this.clock()))
      throw new ApiError('invalid_api_key', KEY_OR_OWNER_MESSAGE);
    if (!key.scopes.includes('management')) throw new ApiError('scope_missing', 'this key lacks the scope management');
    return key;
  }
}
