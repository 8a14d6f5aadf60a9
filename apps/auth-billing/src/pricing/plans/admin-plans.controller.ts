import { type ListPage, planName, type PlanView, putPlan, type PutPlan } from '@ecolink/contracts';
import { AdminGuard, type ChangeNote, NoteChange, wholeList, zodBody } from '@ecolink/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put, UseGuards } from '@nestjs/common';
import { Plans } from './plans.service.js';

@Controller('admin/v1/plans')
@UseGuards(AdminGuard)
export class AdminPlansController {
  constructor(@Inject(Plans) private readonly plans: Plans) {}

  @Get()
  async list(): Promise<ListPage<PlanView>> {
    return wholeList(await this.plans.list(), ({ name }) => name);
  }

  @Get(':name')
  get(@Param('name', zodBody(planName)) name: string): Promise<PlanView> {
    return this.plans.get(name);
  }

  @Delete(':name')
  @HttpCode(204)
  async remove(@Param('name', zodBody(planName)) name: string, @NoteChange() note: ChangeNote): Promise<void> {
    note({ target: name, before: await this.plans.remove(name) });
  }

  @Put(':name')
  async put(
    @Param('name', zodBody(planName)) name: string,
    @Body(zodBody(putPlan)) body: PutPlan,
    @NoteChange() note: ChangeNote,
  ): Promise<PlanView> {
    const { former, plan } = await this.plans.put(name, body);
    note({ target: name, before: former, after: plan });
    return plan;
  }
}
