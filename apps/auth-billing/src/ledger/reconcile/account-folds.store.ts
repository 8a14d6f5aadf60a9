import type { PrismaClient } from '@ecolink/database';

/** What an account's ledger entries come to, beside what is kept of it. All of one moment. */
export interface AccountFold {
  readonly account_id: string;
  readonly available: string;
  readonly held: string;
  /** By its holds that stand. */
  readonly holds: string;
  readonly kept_available: string;
  readonly kept_held: string;
  readonly transactions: number;
}

/** Accounts behind an id, in order, or one account. */
export function foldAccounts(
  client: PrismaClient,
  { after, only, limit }: { readonly after: string; readonly only: string | undefined; readonly limit: number },
): Promise<AccountFold[]> {
  return client.$queryRaw<AccountFold[]>`
    SELECT b.account_id, coalesce(fold.available, 0)::text AS available, coalesce(fold.held, 0)::text AS held,
      coalesce(holds.sum, 0)::text AS holds, b.balance_nano_usd::text AS kept_available, b.held_nano_usd::text AS kept_held,
      coalesce(fold.transactions, 0)::integer AS transactions
    FROM balances AS b LEFT JOIN LATERAL (
      SELECT sum(e.amount_nano_usd) FILTER (WHERE e.ledger_account = 'account:' || b.account_id) AS available,
        sum(e.amount_nano_usd) FILTER (WHERE e.ledger_account = 'held:' || b.account_id) AS held,
        count(DISTINCT t.id) AS transactions
      FROM ledger_transactions AS t JOIN ledger_legs AS e ON e.transaction_id = t.id WHERE t.account_id = b.account_id
    ) AS fold ON true LEFT JOIN LATERAL (
      SELECT sum(h.hold_nano_usd) FROM instance_holds AS h
      WHERE h.account_id = b.account_id AND h.status IN ('pending', 'held')
    ) AS holds ON true
    WHERE b.account_id > ${after} AND (${only ?? null}::text IS NULL OR b.account_id = ${only ?? null}::text)
    ORDER BY b.account_id LIMIT ${limit}::bigint`;
}
