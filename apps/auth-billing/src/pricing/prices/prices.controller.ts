import { priceTarget, type PricesBody, putPricesBody } from '@ecolink/contracts';
import { InternalGuard, zodBody } from '@ecolink/service-kit';
import { Body, Controller, Get, Inject, Param, Put, UseGuards } from '@nestjs/common';
import { PriceList } from './prices.service.js';

@Controller('internal/prices')
@UseGuards(InternalGuard)
export class PricesController {
  constructor(@Inject(PriceList) private readonly priceList: PriceList) {}

  @Get(':target')
  async get(@Param('target', zodBody(priceTarget)) target: string): Promise<PricesBody> {
    return { prices: await this.priceList.get(target) };
  }

  @Put(':target')
  async put(
    @Param('target', zodBody(priceTarget)) target: string,
    @Body(zodBody(putPricesBody)) body: PricesBody,
  ): Promise<PricesBody> {
    return { prices: await this.priceList.put(target, body.prices) };
  }
}
