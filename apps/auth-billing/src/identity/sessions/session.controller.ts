import { createSession, type CreateSession, type MeView, setActiveAccount, type SetActiveAccount } from '@ecolink/contracts';
import { assertSameOrigin, clientAddressOf, clientNetworkOf, zodBody } from '@ecolink/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Put, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Me } from '../authorize/me.service.js';
import { DeviceMarks } from '../throttle/device-cookie.js';
import { toMeView } from './me-view.js';
import { SessionCookies } from './session-cookies.js';
import { CurrentSession, SessionGuard } from './session.guard.js';
import type { Session } from './session.store.js';
import { Sessions } from './sessions.service.js';
import { SignIn } from './sign-in.service.js';

@Controller('api/v1')
export class SessionController {
  constructor(
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(SignIn) private readonly signInService: SignIn,
    @Inject(Me) private readonly me: Me,
    @Inject(SessionCookies) private readonly cookies: SessionCookies,
    @Inject(DeviceMarks) private readonly devices: DeviceMarks,
  ) {}

  @Post('session')
  async signIn(
    @Body(zodBody(createSession)) body: CreateSession,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MeView> {
    assertSameOrigin(request);
    const cookieHeader = request.headers.cookie;
    const device = this.devices.find(cookieHeader, body.email);
    const user = await this.signInService.withPassword(body, { network: clientNetworkOf(request), device });
    const token = await this.sessions.open({ userId: user.id, cookieHeader });
    void reply.header('set-cookie', [this.cookies.of(token), this.devices.cookieFor(body.email)]);
    return toMeView(await this.sessions.require(this.cookies.headerOf(token)));
  }

  @Delete('session')
  @HttpCode(204)
  async signOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    assertSameOrigin(request);
    await this.sessions.signOut(request.headers.cookie);
    void reply.header('set-cookie', this.cookies.none());
  }

  /** Works while the active account is suspended too, so that its user can switch to another. */
  @Get('me')
  async whoAmI(@Req() request: FastifyRequest): Promise<MeView> {
    const { authorization = null, cookie = null } = request.headers;
    return this.me.view(authorization, cookie, clientAddressOf(request));
  }

  @Put('me/active-account')
  @UseGuards(SessionGuard)
  switchAccount(@Body(zodBody(setActiveAccount)) body: SetActiveAccount, @CurrentSession() session: Session): Promise<MeView> {
    return this.sessions.switchAccount(session, body.account_id);
  }
}
