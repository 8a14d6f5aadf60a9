import { type AuditEntryView, type AuditLogQuery, type AuditRequest, type ListPage, newId } from '@ecolink/contracts';
import { Database, Prisma } from '@ecolink/database';
import { type OperatorChange, pageById, toListPage } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../../injection.js';

/** Every call of the operators' API: who, when, what, how it ended, and what it changed. Bodies are not kept, since they may hold secrets. */
@Injectable()
export class AuditLog {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async record(entry: AuditRequest): Promise<string> {
    const at = this.clock();
    const id = newId('evt', at.getTime());
    const { admin_name: adminName, service, method, path, status, target, request_id: requestId } = entry;
    const change = { target, before: toJson(entry.before), after: toJson(entry.after) };
    const data = { id, at, adminName, service, method, path, status, requestId, ...change };
    await this.database.client.auditEntry.create({ data });
    return id;
  }

  async complete(id: string, status: number, change: OperatorChange | undefined): Promise<void> {
    const changed =
      change === undefined ? {} : { target: change.target, before: toJson(change.before), after: toJson(change.after) };
    await this.database.client.auditEntry.update({ where: { id }, data: { status, ...changed } });
  }

  async list(query: AuditLogQuery): Promise<ListPage<AuditEntryView>> {
    const page = pageById(query);
    const where = { ...page.where, ...(query.admin_name === undefined ? {} : { adminName: query.admin_name }) };
    const rows = await this.database.client.auditEntry.findMany({ ...page, where });
    return toListPage(
      rows.map(({ at, adminName, requestId, before, after, ...rest }) => ({
        ...rest,
        at: at.toISOString(),
        admin_name: adminName,
        before: fromJson(before),
        after: fromJson(after),
        request_id: requestId,
      })),
      query,
    );
  }
}

function toJson(value: object | null | undefined): Prisma.InputJsonValue | typeof Prisma.DbNull {
  return value === undefined || value === null ? Prisma.DbNull : value;
}

function fromJson(value: Prisma.JsonValue): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
}
