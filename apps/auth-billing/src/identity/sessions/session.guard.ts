import { assertSameOrigin } from '@ecolink/service-kit';
import { ApiError } from '@ecolink/contracts';
import { type CanActivate, createParamDecorator, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Session } from './session.store.js';
import { Sessions } from './sessions.service.js';

interface RequestOfSession extends FastifyRequest {
  session?: Session;
}

/** Lets in people who are signed in, whatever their account may do; a key is no person. */
@Injectable()
export class SessionGuard implements CanActivate {
  constructor(@Inject(Sessions) private readonly sessions: Sessions) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<RequestOfSession>();
    if (request.headers.authorization !== undefined) throw new ApiError('session_required', 'this needs a person: sign in');
    if (request.method !== 'GET' && request.method !== 'HEAD') assertSameOrigin(request);
    request.session = await this.sessions.require(request.headers.cookie);
    return true;
  }
}

/** The session of the call; only behind `SessionGuard`. */
export const CurrentSession = createParamDecorator((_data: unknown, context: ExecutionContext): Session => {
  const { session } = context.switchToHttp().getRequest<RequestOfSession>();
  if (session === undefined) throw new Error('CurrentSession needs SessionGuard');
  return session;
});
