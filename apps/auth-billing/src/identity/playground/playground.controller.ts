import { ApiError, createPlaygroundToken, type IdempotentCall, type PlaygroundToken, type Principal } from '@ecolink/contracts';
import { CurrentIdempotentCall, CurrentPrincipal, PrincipalGuard, ShownOnce, zodBody } from '@ecolink/service-kit';
import { Body, Controller, Inject, Post, UseGuards } from '@nestjs/common';
import { PlaygroundTokens } from './playground-tokens.service.js';

@Controller('api/v1/playground')
@UseGuards(PrincipalGuard)
export class PlaygroundController {
  constructor(@Inject(PlaygroundTokens) private readonly tokens: PlaygroundTokens) {}

  @Post('token')
  @ShownOnce('key')
  issue(
    @CurrentPrincipal() principal: Principal,
    @Body(zodBody(createPlaygroundToken)) _body: Record<string, never>,
    @CurrentIdempotentCall() call: IdempotentCall | undefined,
  ): Promise<PlaygroundToken> {
    if (principal.user_id === null) throw new ApiError('session_required', 'sign in first: this needs a person');
    return this.tokens.issue(principal.account_id, principal.user_id, call);
  }
}
