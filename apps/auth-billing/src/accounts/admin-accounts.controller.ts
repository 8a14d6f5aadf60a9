import {
  type AccountView,
  type ApiKeyView,
  createAccount,
  type CreateAccount,
  createApiKey,
  type CreateApiKey,
  type CreatedApiKey,
  createCredit,
  type CreateCredit,
  type IdempotentCall,
  type ListPage,
  listQuery,
  type ListQuery,
  patchAccount,
  type PatchAccount,
  resourceId,
  type TransactionView,
} from '@ecolink/contracts';
import { AdminGuard, AdminName, CurrentIdempotentCall, ShownOnce, zodBody, zodQuery } from '@ecolink/service-kit';
import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { ApiKeys } from '../keys/api-keys.service.js';
import { Credits } from '../ledger/credits.service.js';
import { Accounts } from './accounts.service.js';

@Controller('admin/v1/accounts')
@UseGuards(AdminGuard)
export class AdminAccountsController {
  constructor(
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(Credits) private readonly credits: Credits,
    @Inject(ApiKeys) private readonly apiKeys: ApiKeys,
  ) {}

  @Get()
  list(@Query(zodQuery(listQuery)) query: ListQuery): Promise<ListPage<AccountView>> {
    return this.accounts.list(query);
  }

  @Post()
  create(
    @Body(zodBody(createAccount)) body: CreateAccount,
    @CurrentIdempotentCall() call: IdempotentCall | undefined,
  ): Promise<AccountView> {
    return this.accounts.create(body, call);
  }

  @Get(':id')
  get(@Param('id', zodBody(resourceId)) id: string): Promise<AccountView> {
    return this.accounts.get(id);
  }

  @Patch(':id')
  patch(@Param('id', zodBody(resourceId)) id: string, @Body(zodBody(patchAccount)) body: PatchAccount): Promise<AccountView> {
    return this.accounts.patch(id, body);
  }

  @Post(':id/credits')
  credit(
    @Param('id', zodBody(resourceId)) id: string,
    @Body(zodBody(createCredit)) body: CreateCredit,
    @AdminName() adminName: string,
    @CurrentIdempotentCall() call: IdempotentCall | undefined,
  ): Promise<TransactionView> {
    return this.credits.grant(id, body, adminName, call);
  }

  @Get(':id/api-keys')
  async listKeys(
    @Param('id', zodBody(resourceId)) id: string,
    @Query(zodQuery(listQuery)) query: ListQuery,
  ): Promise<ListPage<ApiKeyView>> {
    await this.accounts.get(id);
    return this.apiKeys.list(id, query);
  }

  @Post(':id/api-keys')
  @ShownOnce('key')
  createKey(
    @Param('id', zodBody(resourceId)) id: string,
    @Body(zodBody(createApiKey)) body: CreateApiKey,
    @AdminName() adminName: string,
    @CurrentIdempotentCall() call: IdempotentCall | undefined,
  ): Promise<CreatedApiKey> {
    return this.apiKeys.create(id, body, `admin/${adminName}`, call);
  }

  @Delete(':id/api-keys/:keyId')
  revokeKey(
    @Param('id', zodBody(resourceId)) id: string,
    @Param('keyId', zodBody(resourceId)) keyId: string,
  ): Promise<ApiKeyView> {
    return this.apiKeys.revoke(id, keyId);
  }
}
