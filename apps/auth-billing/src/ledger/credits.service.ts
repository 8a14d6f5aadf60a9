import { type CreateCredit, type IdempotentCall, newId, type TransactionView } from '@ecolink/contracts';
import { Database, settleCall } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../injection.js';
import { creditAccount } from './credit-account.js';
import type { Posting } from './posting.js';

@Injectable()
export class Credits {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** An operator's credit. With a call, its answer is stored in the same transaction: money moves once, whatever dies when. */
  grant(accountId: string, request: CreateCredit, adminName: string, call: IdempotentCall | undefined): Promise<TransactionView> {
    const now = this.clock();
    return this.database.transaction(async (transaction) => {
      const posting = await creditAccount(
        transaction,
        {
          accountId,
          amountNanoUsd: BigInt(request.amount_nano_usd),
          type: request.type,
          description: request.reason,
          cause: { kind: 'credit', source: `admin/${adminName}`, eventId: newId('evt', now.getTime()) },
        },
        now,
      );
      const view = toTransactionView(posting, now);
      await settleCall(transaction, call, { status: 201, body: view });
      return view;
    });
  }
}

function toTransactionView(posting: Posting, now: Date): TransactionView {
  return {
    id: posting.id,
    account_id: posting.accountId,
    created_at: now.toISOString(),
    type: posting.type,
    amount_nano_usd: String(posting.amountNanoUsd),
    balance_after_nano_usd: String(posting.balanceAfterNanoUsd),
    description: posting.description,
    instance_id: posting.instanceId,
  };
}
