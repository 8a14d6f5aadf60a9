import { holdRun, type HoldQuote, type HoldView, putHold, type PutHold, quoteHold, type QuoteHold } from '@ecolink/contracts';
import { InternalGuard, zodBody } from '@ecolink/service-kit';
import { Body, Controller, Delete, HttpCode, Inject, Param, Post, Put, UseGuards } from '@nestjs/common';
import { Holds } from './holds.service.js';

const number = zodBody(holdRun);

@Controller('internal/holds')
@UseGuards(InternalGuard)
export class InternalHoldsController {
  constructor(@Inject(Holds) private readonly holds: Holds) {}

  @Post('quote')
  @HttpCode(200)
  quote(@Body(zodBody(quoteHold)) body: QuoteHold): Promise<HoldQuote> {
    return this.holds.quote(body);
  }

  @Put(':instanceId/:run')
  take(
    @Param('instanceId', number) instanceId: number,
    @Param('run', number) run: number,
    @Body(zodBody(putHold)) body: PutHold,
  ): Promise<HoldView> {
    return this.holds.take(instanceId, run, body);
  }

  @Delete(':instanceId/:run')
  @HttpCode(204)
  drop(@Param('instanceId', number) instanceId: number, @Param('run', number) run: number): Promise<void> {
    return this.holds.drop(instanceId, run);
  }
}
