import { type AuditRecorded, newId } from '@ecolink/contracts';
import { Prisma, type Transaction } from '@ecolink/database';
import type { Actor } from '@ecolink/service-kit';

export interface AccountAudit {
  readonly accountId: string;
  readonly actor: Actor;
  /** `noun.verb`, for example `api_key.created`. */
  readonly action: string;
  /** The id of what it was done to. */
  readonly target: string;
  /** What of it changed, as it was; no secret. Undefined where there was nothing. */
  readonly before?: object | undefined;
  /** The same as it is now; undefined where there is nothing any more. */
  readonly after?: object | undefined;
}

const NAME_LENGTH_MAX = 320;

/** Writes an entry of an account's audit log, in the transaction of what it tells of. */
export async function recordAccountAudit(transaction: Transaction, entry: AccountAudit, now: Date): Promise<void> {
  const { accountId, actor, action, target, before, after } = entry;
  await transaction.accountAuditEntry.create({
    data: {
      id: newId('evt', now.getTime()),
      accountId,
      at: now,
      actorKind: actor.kind,
      actorId: actor.id,
      actorName: (await nameOf(transaction, actor)).slice(0, NAME_LENGTH_MAX),
      action,
      target,
      before: toJson(before),
      after: toJson(after),
      requestId: actor.requestId,
    },
  });
}

/** Entries of another service, each once. Of a deleted account no name and no value is kept. */
export async function keepAccountAudit(transaction: Transaction, entries: readonly AuditRecorded[]): Promise<void> {
  const accountIds = [...new Set(entries.map((entry) => entry.account_id))];
  const deleted = await transaction.account.findMany({
    where: { id: { in: accountIds }, deletedAt: { not: null } },
    select: { id: true },
  });
  const isDeleted = new Set(deleted.map(({ id }) => id));
  for (const entry of entries) {
    const { account_id: accountId, actor, before, after } = entry;
    const isNameless = isDeleted.has(accountId);
    const data = {
      id: entry.entry_id,
      accountId,
      at: new Date(entry.at),
      actorKind: actor.kind,
      actorId: actor.id,
      actorName: isNameless ? actor.id : (await nameOf(transaction, actor)).slice(0, NAME_LENGTH_MAX),
      action: entry.action,
      target: entry.target,
      before: toJson(isNameless || before === null ? undefined : before),
      after: toJson(isNameless || after === null ? undefined : after),
      requestId: entry.request_id,
    };
    await transaction.accountAuditEntry.createMany({ data: [data], skipDuplicates: true });
  }
}

function toJson(value: object | undefined): Prisma.InputJsonValue | typeof Prisma.DbNull {
  return value === undefined ? Prisma.DbNull : value;
}

async function nameOf(transaction: Transaction, { kind, id }: Pick<Actor, 'kind' | 'id'>): Promise<string> {
  if (kind === 'user') return (await transaction.user.findUnique({ where: { id }, select: { email: true } }))?.email ?? id;
  if (kind === 'key') return (await transaction.apiKey.findUnique({ where: { id }, select: { name: true } }))?.name ?? id;
  return id;
}
