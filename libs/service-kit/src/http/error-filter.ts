import { ApiError, errorBody, type ErrorCode, ERRORS, HEADER, type Refusal } from '@ecolink/contracts';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '@ecolink/runtime';

/** Turns whatever a controller throws into the one error shape. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const refusal = refusalOf(error);
    if (refusal.code === 'internal_error') {
      this.logger.error({
        event: 'request.failed',
        request_id: request.id,
        method: request.method,
        path: request.url.split('?')[0],
        err: error,
      });
    }
    sendRefusal(reply, request.id, refusal);
  }
}

export function sendRefusal(reply: FastifyReply, requestId: string, refusal: Refusal): void {
  void reply.header(HEADER.requestId, requestId);
  if (refusal.retryAfterSeconds !== undefined) void reply.header('retry-after', String(refusal.retryAfterSeconds));
  void reply.status(ERRORS[refusal.code].status).send(errorBody(refusal));
}

export function refusalOf(error: unknown): Refusal {
  if (error instanceof ApiError) return asRefusal(error);
  if (isDatabaseAway(error)) {
    return {
      code: 'service_unavailable',
      message: 'the database is not reachable at the moment; try again',
      retryAfterSeconds: 1,
    };
  }
  const status = statusOfForeignError(error);
  const code = codeOfStatus(status);
  if (code === 'internal_error')
    return { code, message: 'something went wrong on our side; the request id tells which log line' };
  return { code, message: error instanceof Error ? error.message : 'the request was refused' };
}

function asRefusal(error: ApiError): Refusal {
  return {
    code: error.code,
    message: error.message,
    ...(error.param === undefined ? {} : { param: error.param }),
    ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
  };
}

/** Prisma's codes for a server that cannot be reached, times out or closed the connection, and what its driver says then. */
const DATABASE_AWAY_CODES: ReadonlySet<string> = new Set([
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'ECONNREFUSED',
  'ECONNRESET',
]);
const DATABASE_AWAY_PATTERN = /can't reach database|ECONNREFUSED|connection terminated|timeout exceeded when trying to connect/i;

function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error) || !error.name.startsWith('PrismaClient')) return false;
  return DATABASE_AWAY_CODES.has(String((error as { code?: unknown }).code)) || DATABASE_AWAY_PATTERN.test(error.message);
}

/** Nest's exceptions have `getStatus`, Fastify's a `statusCode` (broken JSON, too large, unknown content type). */
function statusOfForeignError(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : 500;
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 404) return 'not_found';
  if (status === 413) return 'request_too_large';
  if (status >= 400 && status < 500) return 'invalid_request';
  return 'internal_error';
}
