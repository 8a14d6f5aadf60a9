import type { GatewayPods } from '@ecolink/contracts';
import { InternalGuard } from '@ecolink/service-kit';
import { Controller, Get, Inject, UseGuards } from '@nestjs/common';

/** Gives what `GET /pods` answers. */
export const READ_PODS = Symbol('READ_PODS');

@Controller('pods')
@UseGuards(InternalGuard)
export class PodsController {
  constructor(@Inject(READ_PODS) private readonly readPods: () => GatewayPods) {}

  @Get()
  pods(): GatewayPods {
    return this.readPods();
  }
}
