import type { Principal } from '@ecolink/contracts';
import type { FastifyRequest } from 'fastify';

/** What the guards leave on a request. */
export interface AuthorizedRequest extends FastifyRequest {
  adminName?: string;
  principal?: Principal;
}

/** The account or the operator that a guard has let in; undefined where none has. */
export function callerOf(request: AuthorizedRequest): string | undefined {
  if (request.adminName !== undefined) return `admin/${request.adminName}`;
  return request.principal?.account_id;
}

/** Whether the matched route is one of the operators' API. */
export function isOperatorCall(request: FastifyRequest): boolean {
  return request.routeOptions.url?.startsWith('/admin/v1/') === true;
}
