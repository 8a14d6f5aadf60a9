import { ApiError, type LedgerQuery, type ListPage, transactionType, type TransactionView } from '@ecolink/contracts';
import { type Prisma, type PrismaClient } from '@ecolink/database';
import { isBackwards, toListPage } from '@ecolink/service-kit';
import { readReceipts } from '../payments/payments.store.js';

type Row = Prisma.LedgerTransactionGetPayload<object>;

/** Ledger rows, newest first; of every account unless the query names one. */
export async function listTransactions(client: PrismaClient, query: LedgerQuery): Promise<ListPage<TransactionView>> {
  const backwards = isBackwards(query);
  const rows = await client.ledgerTransaction.findMany({
    where: { ...filterOf(query), ...(await cursorOf(client, query)) },
    orderBy: { sequence: backwards ? 'asc' : 'desc' },
    take: query.limit + 1,
  });
  const receipts = await readReceipts(
    client,
    rows.filter(({ causeKind }) => causeKind === 'payment').map(({ eventId }) => eventId),
  );
  return toListPage(
    rows.map((row) => ({ ...toTransactionView(row), receipt_url: receipts.get(row.eventId) ?? null })),
    query,
  );
}

/** Up to `limit` rows for a file, newest first. */
export async function exportTransactions(
  client: PrismaClient,
  query: LedgerQuery,
  limit: number,
): Promise<readonly TransactionView[]> {
  const rows = await client.ledgerTransaction.findMany({ where: filterOf(query), orderBy: { sequence: 'desc' }, take: limit });
  return rows.map(toTransactionView);
}

function filterOf(query: LedgerQuery): Prisma.LedgerTransactionWhereInput {
  const createdAt = {
    ...(query.from === undefined ? {} : { gte: query.from }),
    ...(query.to === undefined ? {} : { lt: query.to }),
  };
  return {
    ...(query.account_id === undefined ? {} : { accountId: query.account_id }),
    ...(query.type === undefined ? {} : { type: query.type }),
    ...(query.from === undefined && query.to === undefined ? {} : { createdAt }),
  };
}

/** Ids are random within a millisecond; the order of an account's balance is that of the sequence. */
async function cursorOf(client: PrismaClient, query: LedgerQuery): Promise<Prisma.LedgerTransactionWhereInput> {
  const id = query.after ?? query.before;
  if (id === undefined) return {};
  const ofAccount = query.account_id === undefined ? {} : { accountId: query.account_id };
  const row = await client.ledgerTransaction.findFirst({ where: { id, ...ofAccount }, select: { sequence: true } });
  const param = isBackwards(query) ? 'before' : 'after';
  if (row === null) throw new ApiError('invalid_request', `${param}: is no transaction of this list`, { param });
  return { sequence: isBackwards(query) ? { gt: row.sequence } : { lt: row.sequence } };
}

function toTransactionView(row: Row): TransactionView {
  return {
    id: row.id,
    account_id: row.accountId,
    created_at: row.createdAt.toISOString(),
    type: transactionType.parse(row.type),
    amount_nano_usd: String(row.amountNanoUsd),
    balance_after_nano_usd: String(row.balanceAfterNanoUsd),
    description: row.description,
    instance_id: row.instanceId === null ? null : Number(row.instanceId),
  };
}
