import type { Database, Prisma, PrismaClient, Transaction } from '@ecolink/database';
import type { Card } from './payment-provider.js';

export type TopUpRow = Prisma.TopUpGetPayload<object>;
export type AutoRechargeRow = Prisma.AutoRechargeGetPayload<object>;
type Client = PrismaClient | Transaction;

export async function findTopUp(client: Client, id: string): Promise<TopUpRow | undefined> {
  return (await client.topUp.findUnique({ where: { id } })) ?? undefined;
}

export async function findTopUpOfPayment(client: Client, paymentId: string): Promise<TopUpRow | undefined> {
  return (await client.topUp.findUnique({ where: { paymentId } })) ?? undefined;
}

export function saveTopUp(client: Client, row: TopUpRow): Promise<TopUpRow> {
  return client.topUp.upsert({ where: { id: row.id }, create: row, update: row });
}

export function countPending(client: Client, accountId: string): Promise<number> {
  return client.topUp.count({ where: { accountId, status: 'pending' } });
}

/** Where receipts of ledger rows are, by the id of the top-up that caused them. */
export async function readReceipts(client: Client, topUpIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (topUpIds.length === 0) return new Map();
  const rows = await client.topUp.findMany({ where: { id: { in: [...topUpIds] }, receiptUrl: { not: null } } });
  return new Map(rows.flatMap((row) => (row.receiptUrl === null ? [] : [[row.id, row.receiptUrl] as const])));
}

export async function findCard(client: Client, accountId: string, provider: string): Promise<Card | undefined> {
  const row = await client.paymentCard.findFirst({ where: { accountId, provider } });
  return row ?? undefined;
}

export async function saveCard(client: Client, accountId: string, provider: string, card: Card): Promise<void> {
  const { customerId, paymentMethod, brand, last4 } = card;
  const data = { provider, customerId, paymentMethod, brand, last4 };
  await client.paymentCard.upsert({ where: { accountId }, create: { accountId, ...data }, update: data });
}

/** Forgets the card, not the customer it belongs to; without a card nothing is recharged. */
export async function forgetCard(transaction: Transaction, accountId: string): Promise<void> {
  await transaction.paymentCard.updateMany({ where: { accountId }, data: { paymentMethod: null, brand: null, last4: null } });
  await transaction.autoRecharge.updateMany({ where: { accountId }, data: { enabled: false } });
}

export async function findAutoRecharge(client: Client, accountId: string): Promise<AutoRechargeRow | undefined> {
  return (await client.autoRecharge.findUnique({ where: { accountId } })) ?? undefined;
}

export async function saveAutoRecharge(client: Client, row: AutoRechargeRow): Promise<void> {
  await client.autoRecharge.upsert({ where: { accountId: row.accountId }, create: row, update: row });
}

/** How a charge ended, and nothing else of the rule: its owner may have changed that while the charge was under way. */
export async function noteCharge(
  transaction: Transaction,
  accountId: string,
  { failures, nextTryAt }: Pick<AutoRechargeRow, 'failures' | 'nextTryAt'>,
): Promise<void> {
  await transaction.autoRecharge.updateMany({ where: { accountId }, data: { failures, nextTryAt } });
}

/** Accounts whose balance is below their threshold and that may be charged now; those with a charge under way among them. */
export async function readDueRecharges(database: Database, now: Date, limit: number): Promise<readonly AutoRechargeRow[]> {
  const rows = await database.client.$queryRaw<{ account_id: string }[]>`
    SELECT r.account_id FROM auto_recharges AS r JOIN balances AS b ON b.account_id = r.account_id
    WHERE r.enabled AND r.next_try_at <= ${now}::timestamptz AND b.balance_nano_usd < r.threshold_nano_usd
    ORDER BY r.next_try_at LIMIT ${limit}::bigint`;
  if (rows.length === 0) return [];
  return database.client.autoRecharge.findMany({ where: { accountId: { in: rows.map((row) => row.account_id) } } });
}

/** The recharge under way, which a new one must not join; made where there is none. */
export async function openRecharge(transaction: Transaction, draft: TopUpRow): Promise<TopUpRow> {
  const { accountId } = draft;
  await transaction.topUp.createMany({ data: [draft], skipDuplicates: true });
  return transaction.topUp.findFirstOrThrow({ where: { accountId, kind: 'auto_recharge', status: 'pending' } });
}
