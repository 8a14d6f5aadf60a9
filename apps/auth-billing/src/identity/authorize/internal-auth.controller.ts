import { authorizeRequest, type AuthorizeRequest, type AuthorizeResponse } from '@ecolink/contracts';
import { Authorizer, InternalGuard, zodBody } from '@ecolink/service-kit';
import { Body, Controller, HttpCode, Inject, Post, UseGuards } from '@nestjs/common';

@Controller('internal')
@UseGuards(InternalGuard)
export class InternalAuthController {
  constructor(@Inject(Authorizer) private readonly authorizer: Authorizer) {}

  @Post('authorize')
  @HttpCode(200)
  async authorize(@Body(zodBody(authorizeRequest)) body: AuthorizeRequest): Promise<AuthorizeResponse> {
    return { principal: await this.authorizer.authorize(body) };
  }
}
