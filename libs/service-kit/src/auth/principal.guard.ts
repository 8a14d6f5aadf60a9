import { ApiError, type AuthorizeRequest, authorizeResponse, type Principal } from '@ecolink/contracts';
import { type CanActivate, createParamDecorator, type ExecutionContext, Inject, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import type { InternalClient } from '../http/internal-client.js';
import type { AuthorizedRequest } from './caller-of.js';
import { clientAddressOf, clientNetworkOf } from './client-network.js';
import { ManagementRate } from './management-rate.js';

/** Says who makes a management call. Auth-billing knows; every other service asks it. */
export abstract class Authorizer {
  abstract authorize(request: AuthorizeRequest): Promise<Principal>;
}

/** Asks auth-billing; its refusals are passed on as they are. */
export class HttpAuthorizer extends Authorizer {
  constructor(private readonly authBilling: InternalClient) {
    super();
  }

  async authorize(request: AuthorizeRequest): Promise<Principal> {
    return authorizeResponse.parse(await this.authBilling.post('/internal/authorize', request)).principal;
  }
}

const OWNERS_ONLY = 'ecolink:owners-only';

/** Marks a call that members may not make. */
export const OwnersOnly = (): MethodDecorator & ClassDecorator => SetMetadata(OWNERS_ONLY, true);

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Lets in a session or a management key, as often as an account may call, and sees to what its role may do. */
@Injectable()
export class PrincipalGuard implements CanActivate {
  /** Of this process; auth-billing counts those of all processes when it says who calls. */
  private readonly rate = new ManagementRate();

  constructor(
    @Inject(Authorizer) private readonly authorizer: Authorizer,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AuthorizedRequest>();
    if (request.headers.authorization === undefined && !SAFE_METHODS.has(request.method)) assertSameOrigin(request);
    const principal = await this.principalOf(request);
    this.rate.take(principal.account_id, Date.now());
    const ownersOnly = this.reflector.getAllAndOverride<boolean | undefined>(OWNERS_ONLY, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (ownersOnly === true && principal.role !== 'owner')
      throw new ApiError('role_not_permitted', 'only an owner of the account may do this');
    request.principal = principal;
    return true;
  }

  private async principalOf(request: AuthorizedRequest): Promise<Principal> {
    const { authorization = null, cookie = null } = request.headers;
    try {
      return await this.authorizer.authorize({ authorization, cookie, client_address: clientAddressOf(request) });
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.rate.noteRefused(clientNetworkOf(request), Date.now());
      throw error;
    }
  }
}

/** A cookie rides along on forged requests; their `Origin` gives them away. Programs without a browser send none. */
export function assertSameOrigin(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  const forwardedHost = request.headers['x-forwarded-host'];
  if (origin === undefined) return;
  const hosts = [host, forwardedHost].filter((value) => typeof value === 'string');
  if (!hosts.some((value) => origin === `http://${value}` || origin === `https://${value}`)) {
    throw new ApiError('origin_refused', 'this origin may not use the session');
  }
}

/** Who makes the call; only behind `PrincipalGuard`. */
export const CurrentPrincipal = createParamDecorator((_data: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<AuthorizedRequest>();
  if (principal === undefined) throw new Error('CurrentPrincipal needs PrincipalGuard');
  return principal;
});
