import { ApiError, HEADER } from '@ecolink/contracts';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { secretEquals } from './secret-equals.js';

/** Injection token of the secret that the product's own processes share. */
export const INTERNAL_SECRET = Symbol('INTERNAL_SECRET');

/** Lets only the product's own processes in. */
@Injectable()
export class InternalGuard implements CanActivate {
  constructor(@Inject(INTERNAL_SECRET) private readonly secret: string) {}

  canActivate(context: ExecutionContext): boolean {
    const given = context.switchToHttp().getRequest<FastifyRequest>().headers[HEADER.internalSecret];
    if (typeof given === 'string' && secretEquals(given, this.secret)) return true;
    throw new ApiError('not_found', 'not found');
  }
}
