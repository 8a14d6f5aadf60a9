import {
  ApiError,
  createSession,
  type CreateSession,
  type MeView,
  setActiveAccount,
  type SetActiveAccount,
} from '@ecolink/contracts';
import { assertSameOrigin, zodBody } from '@ecolink/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Me } from '../authorize/me.service.js';
import { SETTINGS, type Settings } from '../injection.js';
import { SESSION_COOKIE, sessionCookie } from './cookie.js';
import { Sessions, toMeView } from './sessions.service.js';

@Controller('api/v1')
export class SessionController {
  constructor(
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Me) private readonly me: Me,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Post('session')
  async signIn(
    @Body(zodBody(createSession)) body: CreateSession,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MeView> {
    assertSameOrigin(request);
    const token = await this.sessions.signIn(body);
    void reply.header('set-cookie', sessionCookie(token, this.settings.sessionLifetimeMs / 1_000, this.settings.secureCookies));
    const session = await this.sessions.find(`${SESSION_COOKIE}=${token}`);
    if (session === undefined) throw new Error('a session that was just made is not there');
    return toMeView(session);
  }

  @Delete('session')
  @HttpCode(204)
  async signOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    assertSameOrigin(request);
    await this.sessions.signOut(request.headers.cookie);
    void reply.header('set-cookie', sessionCookie('', 0, this.settings.secureCookies));
  }

  /** Works while the active account is suspended too, so that its user can switch to another. */
  @Get('me')
  async whoAmI(@Req() request: FastifyRequest): Promise<MeView> {
    return this.me.view(request.headers.authorization ?? null, request.headers.cookie ?? null);
  }

  @Put('me/active-account')
  async switchAccount(@Body(zodBody(setActiveAccount)) body: SetActiveAccount, @Req() request: FastifyRequest): Promise<MeView> {
    assertSameOrigin(request);
    const session = request.headers.authorization === undefined ? await this.sessions.find(request.headers.cookie) : undefined;
    if (session === undefined) throw new ApiError('session_required', 'sign in first: this needs a person');
    return this.sessions.switchAccount(session, body.account_id);
  }
}
