import { oidcCallbackQuery, type OidcCallbackQuery, oidcStartQuery, type OidcStartQuery } from '@ecolink/contracts';
import { clientNetworkOf, zodQuery } from '@ecolink/service-kit';
import { Controller, Get, HttpCode, Inject, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SETTINGS, type Settings } from '../../injection.js';
import { cookieValue } from '../sessions/cookie.js';
import { SessionCookies } from '../sessions/session-cookies.js';
import { SignupThrottle } from '../throttle/signup-throttle.js';
import { OidcSignIn } from './oidc-sign-in.service.js';

const BROWSER_COOKIE = 'ecolink_oidc';
const COOKIE_SECONDS = 600;

@Controller('api/v1/oidc')
export class OidcController {
  constructor(
    @Inject(OidcSignIn) private readonly oidc: OidcSignIn,
    @Inject(SignupThrottle) private readonly throttle: SignupThrottle,
    @Inject(SessionCookies) private readonly cookies: SessionCookies,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Get('start')
  @HttpCode(302)
  async start(
    @Query(zodQuery(oidcStartQuery)) query: OidcStartQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    this.throttle.oidc(clientNetworkOf(request));
    const { url, browserToken } = await this.oidc.start(query, request.headers.cookie);
    void reply.header('set-cookie', this.browserCookie(browserToken, COOKIE_SECONDS)).header('location', url);
  }

  @Get('callback')
  @HttpCode(302)
  async callback(
    @Query(zodQuery(oidcCallbackQuery)) { state }: OidcCallbackQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const cookieHeader = request.headers.cookie;
    const { token, returnTo } = await this.oidc.finish({
      state,
      query: request.url.slice(request.url.indexOf('?')),
      browserToken: cookieValue(cookieHeader, BROWSER_COOKIE),
      cookieHeader,
      requestId: request.id,
    });
    void reply.header('set-cookie', [this.cookies.of(token), this.browserCookie('', 0)]).header('location', returnTo);
  }

  private browserCookie(token: string, seconds: number): string {
    const secure = this.settings.secureCookies ? '; Secure' : '';
    return `${BROWSER_COOKIE}=${token}; Path=/api/v1/oidc; HttpOnly; SameSite=Lax; Max-Age=${seconds}${secure}`;
  }
}
