import { createLogger } from '@ecolink/runtime';
import { isOperatorCall, operatorChangeOf, refusalOf } from '@ecolink/service-kit';
import { statusOf } from '@ecolink/contracts';
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Observable, tap } from 'rxjs';
import { Billing } from '../billing/billing.js';

const PATH_LENGTH_MAX = 2_048;
const REQUEST_ID_LENGTH_MAX = 128;

type AdminRequest = FastifyRequest & { readonly adminName?: string };

/** For the whole service: reports every operator's call to the audit log, with the status it was answered with. */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  private readonly logger = createLogger('instance-registry');

  constructor(@Inject(Billing) private readonly billing: Billing) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<AdminRequest>();
    if (context.getType() !== 'http' || !isOperatorCall(request)) return next.handle();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      tap({
        next: () => void this.report(request, reply.statusCode),
        error: (error: unknown) => void this.report(request, statusOf(refusalOf(error).code)),
      }),
    );
  }

  private async report(request: AdminRequest, status: number): Promise<void> {
    const entry = {
      adminName: request.adminName ?? 'unknown',
      method: request.method,
      path: (request.url.split('?')[0] ?? '').slice(0, PATH_LENGTH_MAX),
      status,
      requestId: request.id.slice(0, REQUEST_ID_LENGTH_MAX),
      change: operatorChangeOf(request),
    };
    try {
      await this.billing.audit(entry);
    } catch (error) {
      this.logger.error({
        event: 'audit.failed',
        admin: entry.adminName,
        method: entry.method,
        path: entry.path,
        status,
        err: error,
      });
    }
  }
}
