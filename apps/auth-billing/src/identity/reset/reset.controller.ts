import { requestPasswordReset, type RequestPasswordReset, resetPassword, type ResetPassword } from '@ecolink/contracts';
import { assertSameOrigin, clientNetworkOf, zodBody } from '@ecolink/service-kit';
import { Body, Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { SignupThrottle } from '../throttle/signup-throttle.js';
import { MailResetLink } from './mail-reset-link.js';
import { PasswordResets } from './password-resets.service.js';

@Controller('api/v1/password-reset')
export class ResetController {
  constructor(
    @Inject(PasswordResets) private readonly resets: PasswordResets,
    @Inject(MailResetLink) private readonly mail: MailResetLink,
    @Inject(SignupThrottle) private readonly throttle: SignupThrottle,
  ) {}

  @Post('request')
  @HttpCode(202)
  request(@Body(zodBody(requestPasswordReset)) body: RequestPasswordReset, @Req() request: FastifyRequest): void {
    assertSameOrigin(request);
    this.throttle.reset(clientNetworkOf(request));
    void this.mail.send(body.email);
  }

  @Post()
  @HttpCode(204)
  async use(@Body(zodBody(resetPassword)) body: ResetPassword, @Req() request: FastifyRequest): Promise<void> {
    assertSameOrigin(request);
    const network = clientNetworkOf(request);
    this.throttle.reset(network);
    await this.resets.use(body, network);
  }
}
