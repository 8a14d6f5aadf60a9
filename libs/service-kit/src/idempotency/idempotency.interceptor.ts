import { ApiError, assertNever, errorBody, type IdempotentCall, type StoredAnswer, statusOf } from '@ecolink/contracts';
import {
  type CallHandler,
  createParamDecorator,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { catchError, concatMap, type Observable, of } from 'rxjs';
import { refusalOf } from '../http/error-filter.js';
import { createLogger } from '@ecolink/runtime';
import { IdempotencyStore } from './idempotency-store.js';
import { type CarriesCall, idempotentRequestOf } from './idempotent-request.js';

const RETRY_AFTER_SECONDS = 1;
const SHOWN_ONCE = 'ecolink:shown-once';

/** Marks a call whose answer holds a secret in that field. It is never stored, so the answer cannot be given again. */
export const ShownOnce = (field: string): MethodDecorator => SetMetadata(SHOWN_ONCE, field);

/** The claimed call, for handlers that store their answer in the transaction of its effect; undefined without a key. */
export const CurrentIdempotentCall = createParamDecorator(
  (_data: unknown, context: ExecutionContext): IdempotentCall | undefined =>
    context.switchToHttp().getRequest<FastifyRequest & CarriesCall>().idempotentCall,
);

/**
 * Runs a management POST with an `Idempotency-Key` once: the same key with the same request gets the first answer again,
 * refusals included, but for failures on our side, which may be tried again.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  private readonly logger = createLogger('idempotency');

  constructor(
    @Inject(IdempotencyStore) private readonly store: IdempotencyStore,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    if (context.getType() !== 'http') return next.handle();
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest & CarriesCall>();
    const idempotent = idempotentRequestOf(request);
    if (idempotent === undefined) return next.handle();
    const reply = http.getResponse<FastifyReply>();
    const secretField = this.reflector.get<string | undefined>(SHOWN_ONCE, context.getHandler());
    const claim = await this.store.claim(idempotent);
    switch (claim.kind) {
      case 'claimed':
        request.idempotentCall = claim.call;
        return this.run(claim.call, next, reply, secretField);
      case 'answered':
        return of(replay(claim.answer, reply, secretField));
      case 'reused':
        throw new ApiError('idempotency_key_reused', 'this Idempotency-Key was used for another request');
      case 'running':
        throw new ApiError('invalid_state', 'a call with this Idempotency-Key is still running', {
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        });
      default:
        return assertNever(claim);
    }
  }

  private run(
    call: IdempotentCall,
    next: CallHandler,
    reply: FastifyReply,
    secretField: string | undefined,
  ): Observable<unknown> {
    return next.handle().pipe(
      concatMap(async (body: unknown) => {
        await this.keep(call, { status: reply.statusCode, body: without(body, secretField) });
        return body;
      }),
      catchError(async (error: unknown) => {
        const refusal = refusalOf(error);
        const status = statusOf(refusal.code);
        await this.keep(call, status < 500 ? { status, body: errorBody(refusal) } : undefined);
        throw error;
      }),
    );
  }

  /** The call has had its effect; that its answer could not be stored must not turn it into a failure. */
  private async keep(call: IdempotentCall, answer: StoredAnswer | undefined): Promise<void> {
    try {
      await (answer === undefined ? this.store.release(call) : this.store.complete(call, answer));
    } catch (error) {
      this.logger.error({ event: 'idempotency.not_kept', scope: call.scope, err: error });
    }
  }
}

function replay({ status, body }: StoredAnswer, reply: FastifyReply, secretField: string | undefined): unknown {
  if (secretField !== undefined && status < 400) {
    const id = String((body as { id?: unknown } | null)?.id);
    throw new ApiError(
      'idempotency_key_reused',
      `this Idempotency-Key has made ${id}, whose ${secretField} was shown once and is not kept; revoke it and use another Idempotency-Key`,
    );
  }
  void reply.status(status).header('idempotent-replayed', 'true');
  return body;
}

function without(body: unknown, field: string | undefined): unknown {
  if (field === undefined || typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== field));
}
