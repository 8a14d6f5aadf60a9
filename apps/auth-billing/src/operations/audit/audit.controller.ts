import {
  type AuditEntryView,
  auditLogQuery,
  type AuditLogQuery,
  auditRequest,
  type AuditRequest,
  type ListPage,
} from '@ecolink/contracts';
import { AdminGuard, InternalGuard, zodBody, zodQuery } from '@ecolink/service-kit';
import { Body, Controller, Get, Inject, Post, Query, UseGuards } from '@nestjs/common';
import { AuditLog } from './audit-log.store.js';

@Controller()
export class AuditController {
  constructor(@Inject(AuditLog) private readonly auditLog: AuditLog) {}

  @Get('admin/v1/audit-log')
  @UseGuards(AdminGuard)
  list(@Query(zodQuery(auditLogQuery)) query: AuditLogQuery): Promise<ListPage<AuditEntryView>> {
    return this.auditLog.list(query);
  }

  /** For operators' calls that another service answers. */
  @Post('internal/audit-log')
  @UseGuards(InternalGuard)
  async record(@Body(zodBody(auditRequest)) body: AuditRequest): Promise<{ id: string }> {
    return { id: await this.auditLog.record(body) };
  }
}
