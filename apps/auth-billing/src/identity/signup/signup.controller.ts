import { type SignedUp, signUp, type SignUp, type SignupInfo } from '@ecolink/contracts';
import { assertSameOrigin, clientNetworkOf, zodBody } from '@ecolink/service-kit';
import { Body, Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SETTINGS, type Settings } from '../../injection.js';
import { SessionCookies } from '../sessions/session-cookies.js';
import { SignupThrottle } from '../throttle/signup-throttle.js';
import { SignUpService } from './sign-up.service.js';

@Controller('api/v1/signup')
export class SignupController {
  constructor(
    @Inject(SignUpService) private readonly signUpService: SignUpService,
    @Inject(SignupThrottle) private readonly throttle: SignupThrottle,
    @Inject(SessionCookies) private readonly cookies: SessionCookies,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Get()
  info(): SignupInfo {
    const { signupMode: mode, signupBonusNanoUsd, oidc } = this.settings;
    return { mode, bonus_nano_usd: String(signupBonusNanoUsd), oidc: oidc !== undefined };
  }

  @Post()
  async signUp(
    @Body(zodBody(signUp)) body: SignUp,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignedUp> {
    assertSameOrigin(request);
    const network = clientNetworkOf(request);
    this.throttle.signUp(network);
    const { token, ...signedUp } = await this.signUpService.signUp(body, {
      network,
      cookieHeader: request.headers.cookie,
      requestId: request.id,
    });
    void reply.header('set-cookie', this.cookies.of(token));
    return signedUp;
  }
}
