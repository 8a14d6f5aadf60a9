import type { PrismaClient, Transaction } from '@ecolink/database';

/** What money that comes in is called in the ledger: each arms the warnings anew. */
const TOP_UP_TYPES = ['topup', 'auto_recharge', 'bonus', 'bonus_grant', 'contract_grant', 'admin_correction', 'refund'];

export interface BalanceWarningRow {
  readonly minutes: number;
  readonly ledgerSequence: bigint;
}

export async function readBalance(client: PrismaClient, accountId: string): Promise<bigint | undefined> {
  const row = await client.balance.findUnique({ where: { accountId }, select: { balanceNanoUsd: true } });
  return row?.balanceNanoUsd;
}

/** The last warning since the last top-up; undefined where there is none. Two processes that look do so one after the other. */
export async function lockWarning(transaction: Transaction, accountId: string): Promise<BalanceWarningRow | undefined> {
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`balance_warning:${accountId}`}, 0))`;
  const row = await transaction.balanceWarning.findUnique({ where: { accountId } });
  if (row === null) return undefined;
  // The literal is that of the index `ledger_transactions_but_calls`: the calls since then are not read.
  const topUps = await transaction.$queryRaw<unknown[]>`
    SELECT 1 FROM ledger_transactions
    WHERE account_id = ${accountId} AND type <> 'api_usage' AND type = ANY(${TOP_UP_TYPES}::text[]) AND amount_nano_usd > 0
      AND sequence > ${row.ledgerSequence}::bigint
    LIMIT 1`;
  return topUps.length > 0 ? undefined : row;
}

export async function saveWarning(transaction: Transaction, accountId: string, minutes: number, now: Date): Promise<void> {
  const warning = { minutes, ledgerSequence: await newestSequence(transaction, accountId), warnedAt: now };
  await transaction.balanceWarning.upsert({ where: { accountId }, create: { accountId, ...warning }, update: warning });
}

/** By the order that only the index of accounts has: no statistics make the planner walk the whole ledger. */
async function newestSequence(transaction: Transaction, accountId: string): Promise<bigint> {
  const [row] = await transaction.$queryRaw<{ account_id: string; sequence: bigint }[]>`
    SELECT account_id, sequence FROM ledger_transactions WHERE account_id <= ${accountId} ORDER BY account_id DESC, sequence DESC LIMIT 1`;
  return row?.account_id === accountId ? row.sequence : 0n;
}
