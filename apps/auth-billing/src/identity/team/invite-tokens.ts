import { createHmac } from 'node:crypto';
import { INTERNAL_SECRET, secretEquals } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../injection.js';
import { derivedKey } from '../derived-key.js';

/**
 * Tokens of invites are computed from their ids, so that an owner can copy a link again and yet none is kept. With another
 * internal secret all open links end.
 */
@Injectable()
export class InviteTokens {
  private readonly key: Buffer;

  constructor(
    @Inject(INTERNAL_SECRET) internalSecret: string,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    this.key = derivedKey(internalSecret, 'invites');
  }

  tokenOf(inviteId: string): string {
    return `${inviteId}.${this.markOf(inviteId)}`;
  }

  /** The link that a person opens. */
  urlOf(inviteId: string): string {
    return `${this.settings.publicUrl}/console/invite/${this.tokenOf(inviteId)}`;
  }

  /** The invite that a token was made for; undefined for any other text. */
  inviteIdOf(token: string): string | undefined {
    const [inviteId, mark] = token.split('.', 2);
    if (inviteId === undefined || mark === undefined) return undefined;
    return secretEquals(mark, this.markOf(inviteId)) ? inviteId : undefined;
  }

  private markOf(inviteId: string): string {
    return createHmac('sha256', this.key).update(inviteId).digest('base64url');
  }
}
