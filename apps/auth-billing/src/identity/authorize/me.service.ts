import { type MeView } from '@ecolink/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { toMeView } from '../sessions/me-view.js';
import { Sessions } from '../sessions/sessions.service.js';
import { ManagementKeys } from './management-keys.service.js';

@Injectable()
export class Me {
  constructor(
    @Inject(ManagementKeys) private readonly keys: ManagementKeys,
    @Inject(Sessions) private readonly sessions: Sessions,
  ) {}

  async view(authorization: string | null, cookie: string | null, clientAddress: string): Promise<MeView> {
    if (authorization !== null) {
      const key = await this.keys.find(authorization, clientAddress);
      return {
        user: null,
        accounts: [{ id: key.accountId, name: key.accountName, role: 'owner' }],
        active_account_id: key.accountId,
      };
    }
    return toMeView(await this.sessions.require(cookie, 'sign in, or send a key that has the scope management'));
  }
}
