import {
  type BillingSummary,
  callsQuery,
  type CallsQuery,
  type CallView,
  type ListPage,
  type Principal,
  transactionsQuery,
  type TransactionsQuery,
  type TransactionView,
  usageQuery,
  type UsageQuery,
  type UsageReport,
} from '@ecolink/contracts';
import { CurrentPrincipal, PrincipalGuard, zodQuery } from '@ecolink/service-kit';
import { Controller, Get, Inject, Query, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Billing } from './billing.service.js';
import { asCsvFile, transactionsCsv, usageCsv } from './csv-reply.js';

@Controller('api/v1/billing')
@UseGuards(PrincipalGuard)
export class BillingController {
  constructor(@Inject(Billing) private readonly billing: Billing) {}

  @Get()
  summary(@CurrentPrincipal() principal: Principal): Promise<BillingSummary> {
    return this.billing.summary(principal.account_id);
  }

  @Get('transactions')
  async transactions(
    @CurrentPrincipal() principal: Principal,
    @Query(zodQuery(transactionsQuery)) query: TransactionsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ListPage<TransactionView> | string> {
    const ofAccount = { ...query, account_id: principal.account_id };
    if (query.format === 'json') return this.billing.transactions(ofAccount);
    return asCsvFile(reply, 'transactions', transactionsCsv(await this.billing.exportTransactions(ofAccount), false));
  }

  @Get('usage')
  async usage(
    @CurrentPrincipal() principal: Principal,
    @Query(zodQuery(usageQuery)) query: UsageQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UsageReport | string> {
    const report = await this.billing.usage(principal.account_id, query);
    return query.format === 'json' ? report : asCsvFile(reply, 'usage', usageCsv(report.data, query.group_by));
  }

  @Get('calls')
  calls(@CurrentPrincipal() principal: Principal, @Query(zodQuery(callsQuery)) query: CallsQuery): Promise<ListPage<CallView>> {
    return this.billing.calls(principal.account_id, query);
  }
}
