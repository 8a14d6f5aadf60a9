import { type GiveSecondFactor, giveSecondFactor, type MeView } from '@ecolink/contracts';
import { assertSameOrigin, clientNetworkOf, zodBody } from '@ecolink/service-kit';
import { Body, Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toMeView } from './me-view.js';
import { SessionCookies } from './session-cookies.js';
import { Sessions } from './sessions.service.js';
import { SignIn } from './sign-in.service.js';

/** The second half of a sign-in by the OpenID provider. */
@Controller('api/v1/session')
export class SecondFactorController {
  constructor(
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(SignIn) private readonly signIn: SignIn,
    @Inject(SessionCookies) private readonly cookies: SessionCookies,
  ) {}

  @Post('second-factor')
  @HttpCode(200)
  async give(
    @Body(zodBody(giveSecondFactor)) body: GiveSecondFactor,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MeView> {
    assertSameOrigin(request);
    const cookieHeader = request.headers.cookie;
    const pending = await this.sessions.requirePending(cookieHeader);
    await this.signIn.confirmSecondFactor(pending.user, body, clientNetworkOf(request));
    const token = await this.sessions.open({
      userId: pending.user.id,
      cookieHeader,
      ...(pending.activeAccountId === null ? {} : { activeAccountId: pending.activeAccountId }),
    });
    void reply.header('set-cookie', this.cookies.of(token));
    return toMeView(await this.sessions.require(this.cookies.headerOf(token)));
  }
}
