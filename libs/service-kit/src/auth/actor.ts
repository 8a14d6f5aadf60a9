import type { Principal } from '@ecolink/contracts';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { AuthorizedRequest } from './caller-of.js';

/** Who changes something, for the account's audit log. */
export interface Actor {
  readonly kind: 'user' | 'key' | 'operator' | 'system';
  readonly id: string;
  readonly requestId: string | null;
}

export function actorOf(principal: Principal, requestId: string | null): Actor {
  if (principal.user_id !== null) return { kind: 'user', id: principal.user_id, requestId };
  return { kind: 'key', id: principal.key_id ?? 'unknown', requestId };
}

/** The actor of the call; behind `PrincipalGuard` or `AdminGuard`. */
export const CurrentActor = createParamDecorator((_data: unknown, context: ExecutionContext): Actor => {
  const request = context.switchToHttp().getRequest<AuthorizedRequest>();
  if (request.principal !== undefined) return actorOf(request.principal, request.id);
  if (request.adminName !== undefined) return { kind: 'operator', id: request.adminName, requestId: request.id };
  throw new Error('CurrentActor needs a guard');
});
