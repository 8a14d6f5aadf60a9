import {
  type ApiKeysQuery,
  apiKeysQuery,
  type ApiKeyView,
  createApiKey,
  type CreateApiKey,
  type CreatedApiKey,
  type IdempotentCall,
  type ListPage,
  patchApiKey,
  type PatchApiKey,
  type Principal,
  resourceId,
  revokeApiKeyQuery,
  type RevokeApiKeyQuery,
  type RevokedApiKey,
  rotateApiKey,
  type RotateApiKey,
} from '@ecolink/contracts';
import {
  type Actor,
  CurrentActor,
  CurrentIdempotentCall,
  CurrentPrincipal,
  OwnersOnly,
  PrincipalGuard,
  ShownOnce,
  zodBody,
  zodQuery,
} from '@ecolink/service-kit';
import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { ApiKeys } from './api-keys.service.js';
import { KeyChanges } from './key-changes.service.js';

@Controller('api/v1/api-keys')
@UseGuards(PrincipalGuard)
export class ApiKeysController {
  constructor(
    @Inject(ApiKeys) private readonly apiKeys: ApiKeys,
    @Inject(KeyChanges) private readonly changes: KeyChanges,
  ) {}

  @Get()
  list(
    @CurrentPrincipal() principal: Principal,
    @Query(zodQuery(apiKeysQuery)) query: ApiKeysQuery,
  ): Promise<ListPage<ApiKeyView>> {
    return this.apiKeys.list(principal.account_id, query);
  }

  @Get(':id')
  get(@CurrentPrincipal() principal: Principal, @Param('id', zodBody(resourceId)) id: string): Promise<ApiKeyView> {
    return this.apiKeys.get(principal.account_id, id);
  }

  @Post()
  @OwnersOnly()
  @ShownOnce('key')
  create(
    @CurrentPrincipal() principal: Principal,
    @Body(zodBody(createApiKey)) body: CreateApiKey,
    @CurrentActor() actor: Actor,
    @CurrentIdempotentCall() call: IdempotentCall | undefined,
  ): Promise<CreatedApiKey> {
    return this.apiKeys.create(principal.account_id, body, actor, call);
  }

  @Patch(':id')
  @OwnersOnly()
  patch(
    @CurrentPrincipal() principal: Principal,
    @Param('id', zodBody(resourceId)) id: string,
    @Body(zodBody(patchApiKey)) body: PatchApiKey,
    @CurrentActor() actor: Actor,
  ): Promise<ApiKeyView> {
    return this.changes.patch({ id, accountId: principal.account_id }, body, actor);
  }

  @Post(':id/rotate')
  @OwnersOnly()
  @ShownOnce('key')
  rotate(
    @CurrentPrincipal() principal: Principal,
    @Param('id', zodBody(resourceId)) id: string,
    @Body(zodBody(rotateApiKey)) body: RotateApiKey,
    @CurrentActor() actor: Actor,
    @CurrentIdempotentCall() call: IdempotentCall | undefined,
  ): Promise<CreatedApiKey> {
    return this.changes.rotate({ id, accountId: principal.account_id }, body, actor, call);
  }

  @Delete(':id')
  @OwnersOnly()
  revoke(
    @CurrentPrincipal() principal: Principal,
    @Param('id', zodBody(resourceId)) id: string,
    @Query(zodQuery(revokeApiKeyQuery)) query: RevokeApiKeyQuery,
    @CurrentActor() actor: Actor,
  ): Promise<RevokedApiKey> {
    return this.changes.revoke({ id, accountId: principal.account_id }, query.with_descendants, actor);
  }
}
