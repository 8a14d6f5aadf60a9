import type { TrialBalance } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../injection.js';
import { sumLedgerAccounts } from './trial-balance.store.js';
import { verifyLedger } from './verify-ledger.js';

@Injectable()
export class TrialBalances {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Sums of all ledger accounts at a moment. Of now unless one is given, and then the whole ledger is proved too. */
  async at(moment: Date | undefined): Promise<TrialBalance> {
    const at = moment ?? this.clock();
    const sums = await sumLedgerAccounts(this.database, at);
    const total = sums.reduce((sum, each) => sum + each.amountNanoUsd, 0n);
    const problems = moment === undefined ? await verifyLedger(this.database) : [];
    return {
      at: at.toISOString(),
      balanced: total === 0n && problems.length === 0,
      total_nano_usd: String(total),
      ledger_accounts: sums.map((each) => ({ ledger_account: each.ledgerAccount, amount_nano_usd: String(each.amountNanoUsd) })),
      problems: [...problems],
    };
  }
}
