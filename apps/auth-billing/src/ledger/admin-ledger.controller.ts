import {
  ledgerQuery,
  type LedgerQuery,
  type ListPage,
  type TransactionView,
  type TrialBalance,
  trialBalanceQuery,
  type TrialBalanceQuery,
} from '@ecolink/contracts';
import { AdminGuard, zodQuery } from '@ecolink/service-kit';
import { Controller, Get, Inject, Query, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Billing } from '../reports/billing.service.js';
import { asCsvFile, transactionsCsv } from '../reports/csv-reply.js';
import { TrialBalances } from './trial-balances.service.js';

@Controller('admin/v1/ledger')
@UseGuards(AdminGuard)
export class AdminLedgerController {
  constructor(
    @Inject(TrialBalances) private readonly trialBalances: TrialBalances,
    @Inject(Billing) private readonly billing: Billing,
  ) {}

  @Get('trial-balance')
  trialBalance(@Query(zodQuery(trialBalanceQuery)) query: TrialBalanceQuery): Promise<TrialBalance> {
    return this.trialBalances.at(query.at);
  }

  @Get('transactions')
  async transactions(
    @Query(zodQuery(ledgerQuery)) query: LedgerQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ListPage<TransactionView> | string> {
    if (query.format === 'json') return this.billing.transactions(query);
    return asCsvFile(reply, 'ledger', transactionsCsv(await this.billing.exportTransactions(query), true));
  }
}
