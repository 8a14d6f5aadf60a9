import {
  accountsQuery,
  type AccountsQuery,
  type AccountView,
  type ApiKeysQuery,
  apiKeysQuery,
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
  patchAccount,
  type PatchAccount,
  resourceId,
  revokeApiKeyQuery,
  type RevokeApiKeyQuery,
  type RevokedApiKey,
  type TransactionView,
} from '@ecolink/contracts';
import {
  type Actor,
  AdminGuard,
  AdminName,
  CurrentActor,
  type ChangeNote,
  CurrentIdempotentCall,
  NoteChange,
  ShownOnce,
  zodBody,
  zodQuery,
} from '@ecolink/service-kit';
import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { ApiKeys } from '../keys/api-keys.service.js';
import { KeyChanges } from '../keys/key-changes.service.js';
import { Credits } from '../../ledger/credits.service.js';
import { DeleteAccount } from '../deletion/delete-account.js';
import { Accounts, auditedAccount } from './accounts.service.js';

@Controller('admin/v1/accounts')
@UseGuards(AdminGuard)
export class AdminAccountsController {
  constructor(
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(Credits) private readonly credits: Credits,
    @Inject(ApiKeys) private readonly apiKeys: ApiKeys,
    @Inject(KeyChanges) private readonly keyChanges: KeyChanges,
    @Inject(DeleteAccount) private readonly deleteAccount: DeleteAccount,
  ) {}

  @Get()
  list(@Query(zodQuery(accountsQuery)) query: AccountsQuery): Promise<ListPage<AccountView>> {
    return this.accounts.list(query);
  }

  @Post()
  async create(
    @Body(zodBody(createAccount)) body: CreateAccount,
    @CurrentIdempotentCall() call: IdempotentCall | undefined,
    @NoteChange() note: ChangeNote,
  ): Promise<AccountView> {
    const account = await this.accounts.create(body, call);
    note({ target: account.id, after: account });
    return account;
  }

  @Get(':id')
  get(@Param('id', zodBody(resourceId)) id: string): Promise<AccountView> {
    return this.accounts.get(id);
  }

  @Patch(':id')
  async patch(
    @Param('id', zodBody(resourceId)) id: string,
    @Body(zodBody(patchAccount)) body: PatchAccount,
    @CurrentActor() actor: Actor,
    @NoteChange() note: ChangeNote,
  ): Promise<AccountView> {
    const { former, account } = await this.accounts.patch(id, body, actor);
    note({ target: id, before: auditedAccount(former), after: auditedAccount(account) });
    return account;
  }

  @Delete(':id')
  async delete(
    @Param('id', zodBody(resourceId)) id: string,
    @CurrentActor() actor: Actor,
    @NoteChange() note: ChangeNote,
  ): Promise<AccountView> {
    const { isFirst, account } = await this.deleteAccount.delete(id, actor);
    if (isFirst) note({ target: id, after: { status: account.status } });
    return account;
  }

  @Post(':id/credits')
  async credit(
    @Param('id', zodBody(resourceId)) id: string,
    @Body(zodBody(createCredit)) body: CreateCredit,
    @AdminName() adminName: string,
    @CurrentIdempotentCall() call: IdempotentCall | undefined,
    @NoteChange() note: ChangeNote,
  ): Promise<TransactionView> {
    const transaction = await this.credits.grant(id, body, adminName, call);
    note({ target: id, after: transaction });
    return transaction;
  }

  @Get(':id/api-keys')
  async listKeys(
    @Param('id', zodBody(resourceId)) id: string,
    @Query(zodQuery(apiKeysQuery)) query: ApiKeysQuery,
  ): Promise<ListPage<ApiKeyView>> {
    await this.accounts.get(id);
    return this.apiKeys.list(id, query);
  }

  @Post(':id/api-keys')
  @ShownOnce('key')
  async createKey(
    @Param('id', zodBody(resourceId)) id: string,
    @Body(zodBody(createApiKey)) body: CreateApiKey,
    @CurrentActor() actor: Actor,
    @CurrentIdempotentCall() call: IdempotentCall | undefined,
    @NoteChange() note: ChangeNote,
  ): Promise<CreatedApiKey> {
    const { key, ...view } = await this.apiKeys.create(id, body, actor, call);
    note({ target: view.id, after: view });
    return { ...view, key };
  }

  @Delete(':id/api-keys/:keyId')
  async revokeKey(
    @Param('id', zodBody(resourceId)) id: string,
    @Param('keyId', zodBody(resourceId)) keyId: string,
    @Query(zodQuery(revokeApiKeyQuery)) query: RevokeApiKeyQuery,
    @CurrentActor() actor: Actor,
    @NoteChange() note: ChangeNote,
  ): Promise<RevokedApiKey> {
    const before = await this.apiKeys.get(id, keyId);
    const revoked = await this.keyChanges.revoke({ id: keyId, accountId: id }, query.with_descendants, actor);
    note({ target: keyId, before, after: revoked });
    return revoked;
  }
}
