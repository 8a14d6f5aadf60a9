import { ApiError, type OidcStartQuery } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { randomNonce, randomPKCECodeVerifier } from 'openid-client';
import { newToken, tokenHash } from '../sessions/cookie.js';
import { Sessions } from '../sessions/sessions.service.js';
import { MembershipOfNewUser } from '../signup/membership-of-new-user.js';
import { SecondFactor } from '../totp/second-factor.service.js';
import { OidcProvider } from './oidc-provider.js';
import { insertFlow, type OidcFlow, takeFlow } from './oidc.store.js';
import { userOfIdentity } from './user-of-identity.js';

const FLOW_LIFETIME_MS = 10 * 60_000;

export interface StartedFlow {
  /** Where the browser goes. */
  readonly url: string;
  /** What the browser keeps until it comes back, so that no other can come back for it. */
  readonly browserToken: string;
}

export interface ReturnedBrowser {
  readonly state: string;
  /** The query of the callback, with its question mark. */
  readonly query: string;
  readonly browserToken: string | undefined;
  readonly cookieHeader: string | undefined;
  readonly requestId: string;
}

/** Sign-in by the OpenID provider. */
@Injectable()
export class OidcSignIn {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(OidcProvider) private readonly provider: OidcProvider,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(SecondFactor) private readonly secondFactor: SecondFactor,
    @Inject(MembershipOfNewUser) private readonly membership: MembershipOfNewUser,
  ) {}

  async start(query: OidcStartQuery, cookieHeader: string | undefined): Promise<StartedFlow> {
    const [state, browserToken] = [newToken(), newToken()];
    const secrets = { state, nonce: randomNonce(), codeVerifier: randomPKCECodeVerifier() };
    const url = await this.provider.authorizationUrl(secrets);
    const now = this.sessions.now();
    const session = await this.sessions.find(cookieHeader);
    const flow = {
      stateHash: tokenHash(state),
      browserHash: tokenHash(browserToken),
      codeVerifier: secrets.codeVerifier,
      nonce: secrets.nonce,
      userId: session === undefined || session.isMfaPending ? null : session.user.id,
      returnTo: query.return_to,
      inviteToken: query.invite_token ?? null,
      expiresAt: new Date(now.getTime() + FLOW_LIFETIME_MS),
    };
    await insertFlow(this.database.client, flow, now);
    return { url, browserToken };
  }

  /** Gives the token of the new session and where to go on. Throws 400 `oidc_failed`, 403 where a new user may not sign up. */
  async finish(returned: ReturnedBrowser): Promise<{ readonly token: string; readonly returnTo: string }> {
    const flow = await this.takeFlow(returned);
    const secrets = { state: returned.state, nonce: flow.nonce, codeVerifier: flow.codeVerifier };
    const identity = await this.provider.prove(returned.query, secrets);
    const { userId, accountId } = await this.database.transaction(async (transaction) => {
      const { userId, isNew } = await userOfIdentity(transaction, identity, flow.userId, this.sessions.now());
      const account = isNew
        ? await this.membership.join(transaction, {
            userId,
            email: identity.email,
            accountName: undefined,
            inviteToken: flow.inviteToken ?? undefined,
            requestId: returned.requestId,
          })
        : undefined;
      return { userId, accountId: account?.id };
    });
    const token = await this.sessions.open({
      userId,
      cookieHeader: returned.cookieHeader,
      isMfaPending: await this.secondFactor.isEnrolled(userId),
      ...(accountId === undefined ? {} : { activeAccountId: accountId }),
    });
    return { token, returnTo: flow.returnTo };
  }

  private async takeFlow({ state, browserToken }: ReturnedBrowser): Promise<OidcFlow> {
    const flow = await takeFlow(this.database.client, tokenHash(state), this.sessions.now());
    if (flow === undefined) throw new ApiError('oidc_failed', 'this sign-in was used already or took too long: begin again');
    if (browserToken === undefined || tokenHash(browserToken) !== flow.browserHash) {
      throw new ApiError('oidc_failed', 'this sign-in was begun in another browser');
    }
    return flow;
  }
}
