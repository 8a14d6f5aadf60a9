import {
  affordRequest,
  type AffordRequest,
  type AffordResponse,
  seedDemoAccountRequest,
  type SeedDemoAccountRequest,
  type SeededDemoAccount,
} from '@ecolink/contracts';
import { InternalGuard, zodBody } from '@ecolink/service-kit';
import { Body, Controller, HttpCode, Inject, Post, UseGuards } from '@nestjs/common';
import { Accounts } from './accounts.service.js';
import { SeedDemoAccount } from './seed-demo-account.js';

@Controller('internal')
@UseGuards(InternalGuard)
export class InternalAccountsController {
  constructor(
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(SeedDemoAccount) private readonly seedDemoAccount: SeedDemoAccount,
  ) {}

  /** Says whether the available balance covers an amount now; takes nothing. */
  @Post('afford')
  @HttpCode(200)
  async afford(@Body(zodBody(affordRequest)) body: AffordRequest): Promise<AffordResponse> {
    const { balance_nano_usd: balance } = await this.accounts.get(body.account_id);
    return { affordable: BigInt(balance) >= BigInt(body.amount_nano_usd), balance_nano_usd: balance };
  }

  @Post('seed-demo-account')
  @HttpCode(200)
  seed(@Body(zodBody(seedDemoAccountRequest)) body: SeedDemoAccountRequest): Promise<SeededDemoAccount> {
    return this.seedDemoAccount.seed(body);
  }
}
