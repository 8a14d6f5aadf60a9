import { type ConfirmedTotp, confirmTotp, type ConfirmTotp, type StartedTotp } from '@ecolink/contracts';
import { zodBody } from '@ecolink/service-kit';
import { Body, Controller, Delete, HttpCode, Inject, Post, UseGuards } from '@nestjs/common';
import { CurrentSession, SessionGuard } from '../sessions/session.guard.js';
import type { Session } from '../sessions/session.store.js';
import { SecondFactor } from './second-factor.service.js';

@Controller('api/v1/me/totp')
@UseGuards(SessionGuard)
export class TotpController {
  constructor(@Inject(SecondFactor) private readonly secondFactor: SecondFactor) {}

  @Post()
  begin(@CurrentSession() session: Session): Promise<StartedTotp> {
    return this.secondFactor.begin(session.user);
  }

  @Post('confirm')
  @HttpCode(200)
  confirm(@Body(zodBody(confirmTotp)) body: ConfirmTotp, @CurrentSession() session: Session): Promise<ConfirmedTotp> {
    return this.secondFactor.confirm(session.user.id, body.code);
  }

  @Delete()
  @HttpCode(204)
  remove(@CurrentSession() session: Session): Promise<void> {
    return this.secondFactor.remove(session.user.id);
  }
}
