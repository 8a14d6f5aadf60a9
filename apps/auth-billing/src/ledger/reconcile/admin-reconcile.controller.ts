import { reconcileQuery, type ReconcileQuery, type Reconciliation } from '@ecolink/contracts';
import { AdminGuard, zodQuery } from '@ecolink/service-kit';
import { Controller, HttpCode, Inject, Post, Query, UseGuards } from '@nestjs/common';
import { Reconcile } from './reconcile.service.js';

@Controller('admin/v1/reconcile')
@UseGuards(AdminGuard)
export class AdminReconcileController {
  constructor(@Inject(Reconcile) private readonly reconcile: Reconcile) {}

  @Post()
  @HttpCode(200)
  run(@Query(zodQuery(reconcileQuery)) { account_id: accountId }: ReconcileQuery): Promise<Reconciliation> {
    return this.reconcile.run(accountId);
  }
}
