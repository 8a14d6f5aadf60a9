import {
  type IdempotentCall,
  type InstanceEventView,
  type InstanceQuote,
  type InstanceView,
  launchInstance,
  type LaunchInstance,
  type ListPage,
  listQuery,
  type ListQuery,
  parseInstanceId,
  type Principal,
  replacePods,
  type ReplacePods,
  testPod,
  type TestPod,
  type TestPodResult,
} from '@ecolink/contracts';
import {
  type Actor,
  CurrentActor,
  CurrentIdempotentCall,
  CurrentPrincipal,
  PrincipalGuard,
  zodBody,
  zodQuery,
} from '@ecolink/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put, Query, UseGuards } from '@nestjs/common';
import { quotasOf } from '../quotas/quotas.js';
import { PodTester } from '../pods/test-pod.js';
import { InstanceActions, type Scope } from './instance-actions.js';
import { ShowInstances } from './show-instances.js';
import { type Launcher, LaunchOwnInstance } from './launch-instance.js';
import { ReplaceInstancePods } from './replace-pods.js';

@Controller('api/v1/instances')
@UseGuards(PrincipalGuard)
export class InstancesController {
  constructor(
    @Inject(LaunchOwnInstance) private readonly launcher: LaunchOwnInstance,
    @Inject(InstanceActions) private readonly actions: InstanceActions,
    @Inject(ShowInstances) private readonly show: ShowInstances,
    @Inject(ReplaceInstancePods) private readonly replacer: ReplaceInstancePods,
    @Inject(PodTester) private readonly podTester: PodTester,
  ) {}

  @Get()
  list(
    @CurrentPrincipal() principal: Principal,
    @Query(zodQuery(listQuery)) query: ListQuery,
  ): Promise<ListPage<InstanceView, number>> {
    return this.show.ownList(principal.account_id, query);
  }

  @Post()
  async launch(
    @CurrentPrincipal() principal: Principal,
    @Body(zodBody(launchInstance)) body: LaunchInstance,
    @CurrentIdempotentCall() call: IdempotentCall | undefined,
    @CurrentActor() actor: Actor,
  ): Promise<InstanceView> {
    return this.show.one(await this.launcher.launch(launcherOf(principal, actor), body, call));
  }

  @Post('quote')
  @HttpCode(200)
  quote(@CurrentPrincipal() principal: Principal, @Body(zodBody(launchInstance)) body: LaunchInstance): Promise<InstanceQuote> {
    return this.launcher.quote(principal.account_id, body);
  }

  @Post('test-pod')
  @HttpCode(200)
  test(@CurrentPrincipal() principal: Principal, @Body(zodBody(testPod)) body: TestPod): Promise<TestPodResult> {
    return this.podTester.test(principal.account_id, body);
  }

  @Get(':id')
  async get(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<InstanceView> {
    return this.show.one(await this.actions.find(scopeOf(principal), parseInstanceId(id)));
  }

  @Post(':id/stop')
  @HttpCode(200)
  async stop(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @CurrentActor() actor: Actor,
  ): Promise<InstanceView> {
    return this.show.one(await this.actions.stop(scopeOf(principal), parseInstanceId(id), actor));
  }

  @Post(':id/start')
  @HttpCode(200)
  async start(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @CurrentActor() actor: Actor,
  ): Promise<InstanceView> {
    return this.show.one(await this.actions.start(scopeOf(principal), parseInstanceId(id), actor));
  }

  @Post(':id/terminate')
  @HttpCode(200)
  async terminate(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @CurrentActor() actor: Actor,
  ): Promise<InstanceView> {
    return this.show.one(await this.actions.terminate(scopeOf(principal), parseInstanceId(id), actor));
  }

  @Put(':id/pods')
  async replacePods(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body(zodBody(replacePods)) body: ReplacePods,
    @CurrentActor() actor: Actor,
  ): Promise<InstanceView> {
    return this.show.one(await this.replacer.replace(launcherOf(principal, actor), parseInstanceId(id), body));
  }

  @Get(':id/events')
  async events(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query(zodQuery(listQuery)) query: ListQuery,
  ): Promise<ListPage<InstanceEventView>> {
    const instance = await this.actions.find(scopeOf(principal), parseInstanceId(id));
    return this.show.history(instance.id, query);
  }
}

function launcherOf(principal: Principal, actor: Actor): Launcher {
  return { accountId: principal.account_id, actor, quotas: quotasOf(principal) };
}

function scopeOf(principal: Principal): Scope {
  return { accountId: principal.account_id };
}
