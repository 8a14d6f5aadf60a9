import { type AuditEntryView, type AuditLogQuery, type AuditRequest, type ListPage, newId } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../injection.js';
import { pageById, toListPage } from '../list-cursor.js';

/** Every call of the operators' API: who, when, what, and how it ended. Bodies are not kept, since they may hold secrets. */
@Injectable()
export class AuditLog {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async record(entry: AuditRequest): Promise<string> {
    const at = this.clock();
    const id = newId('evt', at.getTime());
    const { admin_name: adminName, service, method, path, status } = entry;
    await this.database.client.auditEntry.create({ data: { id, at, adminName, service, method, path, status } });
    return id;
  }

  async complete(id: string, status: number): Promise<void> {
    await this.database.client.auditEntry.update({ where: { id }, data: { status } });
  }

  async list(query: AuditLogQuery): Promise<ListPage<AuditEntryView>> {
    const page = pageById(query);
    const where = { ...page.where, ...(query.admin_name === undefined ? {} : { adminName: query.admin_name }) };
    const rows = await this.database.client.auditEntry.findMany({ ...page, where });
    return toListPage(
      rows.map(({ id, at, adminName, service, method, path, status }) => ({
        id,
        at: at.toISOString(),
        admin_name: adminName,
        service,
        method,
        path,
        status,
      })),
      query,
    );
  }
}
