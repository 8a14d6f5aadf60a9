import { ApiError, type MeView } from '@ecolink/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { Sessions, toMeView } from '../session/sessions.service.js';
import { ManagementKeys } from './management-keys.service.js';

@Injectable()
export class Me {
  constructor(
    @Inject(ManagementKeys) private readonly keys: ManagementKeys,
    @Inject(Sessions) private readonly sessions: Sessions,
  ) {}

  async view(authorization: string | null, cookie: string | null): Promise<MeView> {
    if (authorization !== null) {
      const key = await this.keys.find(authorization);
      return {
        user: null,
        accounts: [{ id: key.accountId, name: key.accountName, role: 'owner' }],
        active_account_id: key.accountId,
      };
    }
    const session = await this.sessions.find(cookie);
    if (session === undefined) throw new ApiError('session_required', 'sign in, or send a key that has the scope management');
    return toMeView(session);
  }
}
