import { type AccountAuditEntryView, type ListPage, listQuery, type ListQuery, type Principal } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { CurrentPrincipal, OwnersOnly, PrincipalGuard, zodQuery } from '@ecolink/service-kit';
import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import { listAccountAudit } from './account-audit-list.store.js';

@Controller('api/v1/audit-log')
@UseGuards(PrincipalGuard)
@OwnersOnly()
export class AccountAuditLogController {
  constructor(@Inject(Database) private readonly database: Database) {}

  @Get()
  list(
    @CurrentPrincipal() principal: Principal,
    @Query(zodQuery(listQuery)) query: ListQuery,
  ): Promise<ListPage<AccountAuditEntryView>> {
    return listAccountAudit(this.database.client, principal.account_id, query);
  }
}
