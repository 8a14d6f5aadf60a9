import type { WebhookReceipt } from '@ecolink/contracts';
import { Controller, Headers, HttpCode, Inject, Post, type RawBodyRequest, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { StripeWebhook } from './stripe-webhook.js';

@Controller('api/v1/billing/stripe-webhook')
export class StripeWebhookController {
  constructor(@Inject(StripeWebhook) private readonly webhook: StripeWebhook) {}

  @Post()
  @HttpCode(200)
  async receive(
    @Req() request: RawBodyRequest<FastifyRequest>,
    @Headers('stripe-signature') signature: string | undefined,
  ): Promise<WebhookReceipt> {
    await this.webhook.receive(request.rawBody, signature);
    return { received: true };
  }
}
