import { createLogger } from '@ecolink/runtime';
import { isOperatorCall, type OperatorChange, operatorChangeOf, refusalOf } from '@ecolink/service-kit';
import { statusOf } from '@ecolink/contracts';
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { catchError, concatMap, type Observable } from 'rxjs';
import { EVENT_SOURCE } from '../../event-source.js';
import { AuditLog } from './audit-log.store.js';

const PATH_LENGTH_MAX = 2_048;
const REQUEST_ID_LENGTH_MAX = 128;

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
      // Without its query, which may hold the address of a user.
      path: (request.url.split('?')[0] ?? '').slice(0, PATH_LENGTH_MAX),
      status: null,
      target: null,
      before: null,
      after: null,
      request_id: request.id.slice(0, REQUEST_ID_LENGTH_MAX),
    });
    const complete = (status: number, change?: OperatorChange): Promise<void> => this.complete(id, status, change);
    return next.handle().pipe(
      concatMap(async (answer: unknown) => {
        await complete(http.getResponse<FastifyReply>().statusCode, operatorChangeOf(request));
        return answer;
      }),
      catchError(async (error: unknown) => {
        await complete(statusOf(refusalOf(error).code));
        throw error;
      }),
    );
  }

  /** The call has had its effect; failing it for its log line would only make the operator repeat it. */
  private async complete(id: string, status: number, change: OperatorChange | undefined): Promise<void> {
    await this.auditLog.complete(id, status, change).catch((error: unknown) => {
      this.logger.error({ event: 'audit.not_completed', audit_id: id, status, err: error });
    });
  }
}
