import {
  ApiError,
  bearerToken,
  isApiKeyFormat,
  isInNetwork,
  KEY_OR_OWNER_MESSAGE,
  parseIpAddress,
  parseIpNetwork,
} from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../../injection.js';
import { keyHash } from '../keys/key-hash.js';
import { isExpired } from '../keys/key-state.js';
import { KeyUses } from '../keys/key-uses.service.js';
import { findKeyByHash, type KnownKey } from './authorize.store.js';

@Injectable()
export class ManagementKeys {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(KeyUses) private readonly uses: KeyUses,
  ) {}

  /** The live key of an `Authorization` header that may manage its account. Throws 401, then 403 `scope_missing`, `key_not_allowed`. */
  async find(authorization: string, clientAddress: string | undefined): Promise<KnownKey> {
    const text = bearerToken(authorization);
    const key = text !== undefined && isApiKeyFormat(text) ? await findKeyByHash(this.database.client, keyHash(text)) : undefined;
    const now = this.clock();
    if (key === undefined || key.isRevoked || isExpired(key, now)) throw new ApiError('invalid_api_key', KEY_OR_OWNER_MESSAGE);
    if (!key.scopes.includes('management')) throw new ApiError('scope_missing', 'this key lacks the scope management');
    if (!isWithin(clientAddress, key.networks))
      throw new ApiError('key_not_allowed', 'the limits of this key do not allow it to be used from this network address');
    await this.uses.noteManagementCall(key.id, now);
    return key;
  }
}

function isWithin(addressText: string | undefined, networks: readonly string[] | undefined): boolean {
  if (networks === undefined) return true;
  const address = parseIpAddress(addressText ?? '');
  if (address === undefined) return false;
  return networks.some((text) => {
    const network = parseIpNetwork(text);
    return network !== undefined && isInNetwork(address, network);
  });
}
