import {
  type AutoRechargeView,
  type CardView,
  createTopUp,
  type CreateTopUp,
  type IdempotentCall,
  type Principal,
  putAutoRecharge,
  type PutAutoRecharge,
  type TopUpView,
} from '@ecolink/contracts';
import { CurrentIdempotentCall, CurrentPrincipal, OwnersOnly, PrincipalGuard, zodBody } from '@ecolink/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Put, UseGuards } from '@nestjs/common';
import { Payments } from './payments.service.js';

@Controller('api/v1/billing')
@UseGuards(PrincipalGuard)
export class PaymentsController {
  constructor(@Inject(Payments) private readonly payments: Payments) {}

  @Post('top-ups')
  @OwnersOnly()
  topUp(
    @CurrentPrincipal() principal: Principal,
    @Body(zodBody(createTopUp)) body: CreateTopUp,
    @CurrentIdempotentCall() call: IdempotentCall | undefined,
  ): Promise<TopUpView> {
    return this.payments.topUp(principal.account_id, body, call);
  }

  @Get('auto-recharge')
  autoRecharge(@CurrentPrincipal() principal: Principal): Promise<AutoRechargeView> {
    return this.payments.autoRecharge(principal.account_id);
  }

  @Put('auto-recharge')
  @OwnersOnly()
  putAutoRecharge(
    @CurrentPrincipal() principal: Principal,
    @Body(zodBody(putAutoRecharge)) body: PutAutoRecharge,
  ): Promise<AutoRechargeView> {
    return this.payments.putAutoRecharge(principal.account_id, body);
  }

  @Get('card')
  card(@CurrentPrincipal() principal: Principal): Promise<CardView> {
    return this.payments.card(principal.account_id);
  }

  @Post('card')
  @OwnersOnly()
  addCard(@CurrentPrincipal() principal: Principal): Promise<CardView> {
    return this.payments.addCard(principal.account_id);
  }

  @Delete('card')
  @OwnersOnly()
  @HttpCode(204)
  removeCard(@CurrentPrincipal() principal: Principal): Promise<void> {
    return this.payments.removeCard(principal.account_id);
  }
}
