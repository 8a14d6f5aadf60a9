import { ApiError } from '@ecolink/contracts';
import { type CanActivate, createParamDecorator, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { AuthorizedRequest } from './caller-of.js';
import { clientNetworkOf } from './client-network.js';
import { RefusedCredentials } from './refused-credentials.js';
import { secretEquals } from './secret-equals.js';

/** Injection token: operators' tokens, token → name. */
export const ADMIN_TOKENS = Symbol('ADMIN_TOKENS');
export type AdminTokens = ReadonlyMap<string, string>;

/** Lets operators in by a named bearer token; the name goes to the audit log. */
@Injectable()
export class AdminGuard implements CanActivate {
  private readonly refused = new RefusedCredentials('operator_token');

  constructor(@Inject(ADMIN_TOKENS) private readonly tokens: AdminTokens) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<AuthorizedRequest>();
    const given = bearerOf(request.headers.authorization);
    for (const [token, name] of this.tokens) {
      if (given !== undefined && secretEquals(given, token)) {
        request.adminName = name;
        return true;
      }
    }
    if (given !== undefined) this.refused.note(clientNetworkOf(request), Date.now());
    throw new ApiError('invalid_credentials', 'an operator token is needed: Authorization: Bearer <token>');
  }
}

export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
}

/** The name of the operator's token. */
export const AdminName = createParamDecorator((_data: unknown, context: ExecutionContext): string => {
  return context.switchToHttp().getRequest<AuthorizedRequest>().adminName ?? 'unknown';
});
