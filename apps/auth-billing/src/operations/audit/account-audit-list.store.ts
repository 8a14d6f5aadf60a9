import { accountAuditEntry, type AccountAuditEntryView, type ListPage, type ListQuery } from '@ecolink/contracts';
import type { PrismaClient } from '@ecolink/database';
import { pageById, toListPage } from '@ecolink/service-kit';

/** An account's own log, newest first. */
export async function listAccountAudit(
  client: PrismaClient,
  accountId: string,
  query: ListQuery,
): Promise<ListPage<AccountAuditEntryView>> {
  const page = pageById(query);
  const rows = await client.accountAuditEntry.findMany({ ...page, where: { ...page.where, accountId } });
  const entries = rows.map((row) =>
    accountAuditEntry.parse({
      id: row.id,
      at: row.at.toISOString(),
      actor: { kind: row.actorKind, id: row.actorId, name: row.actorName },
      action: row.action,
      target: row.target,
      before: row.before,
      after: row.after,
      request_id: row.requestId,
    }),
  );
  return toListPage(entries, query);
}
