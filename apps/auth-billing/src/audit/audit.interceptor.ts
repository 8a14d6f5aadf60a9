import { createLogger, isOperatorCall, refusalOf } from '@ecolink/service-kit';
import { statusOf } from '@ecolink/contracts';
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { catchError, concatMap, type Observable } from 'rxjs';
import { EVENT_SOURCE } from '../event-source.js';
import { AuditLog } from './audit-log.store.js';

const PATH_LENGTH_MAX = 2_048;

/** For the whole service: writes an operator's call down before it runs, so that none can have an effect without a trace, and then how it ended. */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  private readonly logger = createLogger('auth-billing');

  constructor(@Inject(AuditLog) private readonly auditLog: AuditLog) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest & { adminName?: string }>();
    if (context.getType() !== 'http' || !isOperatorCall(request)) return next.handle();
    const id = await this.auditLog.record({
      admin_name: request.adminName ?? 'unknown',
      service: EVENT_SOURCE,
      method: request.method,
      path: request.url.slice(0, PATH_LENGTH_MAX),
      status: null,
    });
    const complete = (status: number): Promise<void> => this.complete(id, status);
    return next.handle().pipe(
      concatMap(async (answer: unknown) => {
        await complete(http.getResponse<FastifyReply>().statusCode);
        return answer;
      }),
      catchError(async (error: unknown) => {
        await complete(statusOf(refusalOf(error).code));
        throw error;
      }),
    );
  }

  /** The call has had its effect; failing it for its log line would only make the operator repeat it. */
  private async complete(id: string, status: number): Promise<void> {
    await this.auditLog.complete(id, status).catch((error: unknown) => {
      this.logger.error({ event: 'audit.not_completed', audit_id: id, status, err: error });
    });
  }
}
