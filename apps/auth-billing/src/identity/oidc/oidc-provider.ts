import { ApiError, emailAddress } from '@ecolink/contracts';
import { createLogger } from '@ecolink/runtime';
import { Inject, Injectable } from '@nestjs/common';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  type Configuration,
  discovery,
  fetchUserInfo,
} from 'openid-client';
import { SETTINGS, type Settings } from '../../injection.js';

const SCOPE = 'openid email';
const TIMEOUT_SECONDS = 10;

/** Who the provider says came back. */
export interface ProvenIdentity {
  readonly issuer: string;
  readonly subject: string;
  /** Normalised; only addresses that the provider vouches for get this far. */
  readonly email: string;
}

export interface FlowSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** The configured OpenID provider: authorization code with PKCE, state and nonce. */
@Injectable()
export class OidcProvider {
  private readonly logger = createLogger('auth-billing');
  private discovered: Promise<Configuration> | undefined;

  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  get isConfigured(): boolean {
    return this.settings.oidc !== undefined;
  }

  /** Where the browser goes to sign in. Throws 404 where no provider is configured, 503 while it does not answer. */
  async authorizationUrl({ state, nonce, codeVerifier }: FlowSecrets): Promise<string> {
    const challenge = await calculatePKCECodeChallenge(codeVerifier);
    const url = buildAuthorizationUrl(await this.configuration(), {
      redirect_uri: this.redirectUri,
      scope: SCOPE,
      state,
      nonce,
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
    return url.href;
  }

  /** Trades the code of a callback for who came. `query`: the callback's, with its question mark. Throws 400 `oidc_failed`. */
  async prove(query: string, { state, nonce, codeVerifier }: FlowSecrets): Promise<ProvenIdentity> {
    const configuration = await this.configuration();
    try {
      const tokens = await authorizationCodeGrant(configuration, new URL(`${this.redirectUri}${query}`), {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new Error('the provider sent no id token');
      const person = claims['email'] === undefined ? await fetchUserInfo(configuration, tokens.access_token, claims.sub) : claims;
      return { issuer: claims.iss, subject: claims.sub, email: verifiedEmailOf(person) };
    } catch (error) {
      if (error instanceof ApiError) throw error;
      this.logger.warn({ event: 'oidc.failed', reason: error instanceof Error ? error.message : 'unknown' });
      throw new ApiError('oidc_failed', 'the provider did not confirm the sign-in: begin again');
    }
  }

  private get redirectUri(): string {
    return `${this.settings.publicUrl}/api/v1/oidc/callback`;
  }

  /** The provider's metadata, asked for once; a failure is not kept. */
  private async configuration(): Promise<Configuration> {
    const { oidc } = this.settings;
    if (oidc === undefined) throw new ApiError('not_found', 'no OpenID provider is configured');
    // Only for a provider on this machine: the library marks it as deprecated to make it stand out.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const execute = oidc.issuer.startsWith('http:') ? [allowInsecureRequests] : [];
    const options = { execute, timeout: TIMEOUT_SECONDS };
    this.discovered ??= discovery(new URL(oidc.issuer), oidc.clientId, oidc.clientSecret, undefined, options);
    try {
      return await this.discovered;
    } catch (error) {
      this.discovered = undefined;
      this.logger.warn({ event: 'oidc.unreachable', reason: error instanceof Error ? error.message : 'unknown' });
      throw new ApiError('service_unavailable', 'the OpenID provider does not answer; try again', { retryAfterSeconds: 5 });
    }
  }
}

function verifiedEmailOf(person: { readonly [claim: string]: unknown }): string {
  const email = emailAddress.safeParse(person['email']);
  if (!email.success) throw new ApiError('oidc_failed', 'the provider told no e-mail address');
  if (person['email_verified'] !== true) throw new ApiError('oidc_failed', 'the provider has not verified this e-mail address');
  return email.data;
}
