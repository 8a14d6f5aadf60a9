import {
  type ApiKeyView,
  createApiKey,
  type CreateApiKey,
  type CreatedApiKey,
  type IdempotentCall,
  type ListPage,
  listQuery,
  type ListQuery,
  type Principal,
  resourceId,
} from '@ecolink/contracts';
import {
  CurrentIdempotentCall,
  CurrentPrincipal,
  OwnersOnly,
  PrincipalGuard,
  ShownOnce,
  zodBody,
  zodQuery,
} from '@ecolink/service-kit';
import { Body, Controller, Delete, Get, Inject, Param, Post, Query, UseGuards } from '@nestjs/common';
import { ApiKeys } from './api-keys.service.js';

@Controller('api/v1/api-keys')
@UseGuards(PrincipalGuard)
export class ApiKeysController {
  constructor(@Inject(ApiKeys) private readonly apiKeys: ApiKeys) {}

  @Get()
  list(@CurrentPrincipal() principal: Principal, @Query(zodQuery(listQuery)) query: ListQuery): Promise<ListPage<ApiKeyView>> {
    return this.apiKeys.list(principal.account_id, query);
  }

  @Post()
  @OwnersOnly()
  @ShownOnce('key')
  create(
    @CurrentPrincipal() principal: Principal,
    @Body(zodBody(createApiKey)) body: CreateApiKey,
    @CurrentIdempotentCall() call: IdempotentCall | undefined,
  ): Promise<CreatedApiKey> {
    return this.apiKeys.create(principal.account_id, body, principal.user_id ?? principal.key_id ?? 'unknown', call);
  }

  @Delete(':id')
  @OwnersOnly()
  revoke(@CurrentPrincipal() principal: Principal, @Param('id', zodBody(resourceId)) id: string): Promise<ApiKeyView> {
    return this.apiKeys.revoke(principal.account_id, id);
  }
}
