import type { z } from 'zod';
import type { ErrorCode } from '../errors.js';

/** `ANY`: the owner takes every method and passes it on. */
export type RouteMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'ANY';

/**
 * Who may call. `key`: an API key. `principal`: a session, or a key with the scope `management`; `owner`: the same, and only
 * an owner of the account. `session`: a person who is signed in. `admin`: an operator's token.
 */
export type RouteAuth = 'none' | 'key' | 'principal' | 'owner' | 'session' | 'admin';

export type RouteTag =
  'inference' | 'models' | 'instances' | 'api-keys' | 'billing' | 'session' | 'team' | 'notifications' | 'service' | 'operators';

/** One call of the public HTTP API. Its schemas are the very ones that its owner validates with. */
export interface Route {
  readonly method: RouteMethod;
  /** With `{name}` for each parameter. Below `/admin/v1` and `/metrics` it is on the operators' listener. */
  readonly path: string;
  /** The service that answers; routers pass management calls on. */
  readonly owner: 'router' | 'auth-billing' | 'instance-registry';
  readonly tag: RouteTag;
  readonly summary: string;
  readonly auth: RouteAuth;
  /** Parameters of the path that are checked for their form; any other is looked up as it came. */
  readonly params?: Readonly<Record<string, z.ZodType>>;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Media type of the body; JSON where it is absent. */
  readonly bodyType?: 'multipart/form-data';
  readonly status: number;
  /** The JSON answer; absent where there is none. */
  readonly response?: z.ZodType;
  /** Other media types that the answer may have. */
  readonly alsoAnswers?: readonly string[];
  /** Refusals beyond those that follow from `auth`, `query`, `params`, `body` and the method. */
  readonly errors?: readonly ErrorCode[];
}
