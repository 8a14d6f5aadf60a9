import { type ListPage, planName, type PlanView, putPlan, type PutPlan } from '@ecolink/contracts';
import { AdminGuard, zodBody } from '@ecolink/service-kit';
import { Body, Controller, Get, Inject, Param, Put, UseGuards } from '@nestjs/common';
import { Plans } from './plans.service.js';

@Controller('admin/v1/plans')
@UseGuards(AdminGuard)
export class AdminPlansController {
  constructor(@Inject(Plans) private readonly plans: Plans) {}

  @Get()
  async list(): Promise<ListPage<PlanView>> {
    const data = await this.plans.list();
    return { object: 'list', data, first_id: data[0]?.name ?? null, last_id: data.at(-1)?.name ?? null, has_more: false };
  }

  @Get(':name')
  get(@Param('name', zodBody(planName)) name: string): Promise<PlanView> {
    return this.plans.get(name);
  }

  @Put(':name')
  put(@Param('name', zodBody(planName)) name: string, @Body(zodBody(putPlan)) body: PutPlan): Promise<PlanView> {
    return this.plans.put(name, body);
  }
}
