import 'reflect-metadata';
import type { Route } from '@ecolink/contracts';
import { RequestMethod, type Type } from '@nestjs/common';
import {
  CUSTOM_ROUTE_ARGS_METADATA,
  GUARDS_METADATA,
  HTTP_CODE_METADATA,
  METHOD_METADATA,
  PATH_METADATA,
  ROUTE_ARGS_METADATA,
} from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';

/** A call as its controller declares it, in the terms of the table of routes. */
export interface ControllerRoute {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly guards: readonly string[];
  readonly ownersOnly: boolean;
  readonly body: unknown;
  readonly query: unknown;
  readonly params: Readonly<Record<string, unknown>>;
}

interface Argument {
  readonly data?: unknown;
  readonly pipes: readonly { readonly schema?: unknown }[];
}

const CREATED = 201;
const OK = 200;

/** Reads from Nest's own metadata what these controllers serve. */
export function routesOfControllers(controllers: readonly Type[]): ControllerRoute[] {
  return controllers.flatMap((controller) =>
    Object.getOwnPropertyNames(controller.prototype).flatMap((name) => {
      const handler: unknown = controller.prototype[name];
      const method: RequestMethod | undefined = typeof handler === 'function' && Reflect.getMetadata(METHOD_METADATA, handler);
      return typeof handler === 'function' && typeof method === 'number' ? [routeOf(controller, name, handler, method)] : [];
    }),
  );
}

function routeOf(controller: Type, name: string, handler: object, method: RequestMethod): ControllerRoute {
  const args = Object.entries<Argument>(Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {}).filter(
    ([key]) => !key.includes(CUSTOM_ROUTE_ARGS_METADATA),
  );
  const of = (type: RouteParamtypes): Argument[] =>
    args.filter(([key]) => key.startsWith(`${type}:`)).map(([, argument]) => argument);
  const guards = [controller, handler].flatMap((target): Type[] => Reflect.getMetadata(GUARDS_METADATA, target) ?? []);
  return {
    method: RequestMethod[method] ?? '',
    path: templateOf(Reflect.getMetadata(PATH_METADATA, controller), Reflect.getMetadata(PATH_METADATA, handler)),
    status: Reflect.getMetadata(HTTP_CODE_METADATA, handler) ?? (method === RequestMethod.POST ? CREATED : OK),
    guards: guards.map((guard) => guard.name),
    ownersOnly: [controller, handler].some((target) => Reflect.getMetadata('ecolink:owners-only', target) === true),
    body: schemaOf(of(RouteParamtypes.BODY)[0]),
    query: schemaOf(of(RouteParamtypes.QUERY)[0]),
    params: Object.fromEntries(of(RouteParamtypes.PARAM).map((argument) => [String(argument.data), schemaOf(argument)])),
  };
}

function schemaOf(argument: Argument | undefined): unknown {
  return argument?.pipes.find((pipe) => pipe.schema !== undefined)?.schema;
}

function templateOf(...parts: readonly string[]): string {
  const segments = parts.flatMap((part) => part.split('/')).filter((segment) => segment !== '');
  return `/${segments.map((segment) => segment.replace(/^:(.*)$/, '{$1}')).join('/')}`;
}

/** Calls for customers and operators; everything else is between processes. */
export function isPublic(route: { readonly path: string }): boolean {
  return /^\/(api|admin)\/v1\//.test(route.path);
}

const GUARD_OF_AUTH: Readonly<Record<Route['auth'], string | undefined>> = {
  none: undefined,
  key: undefined,
  session: undefined,
  principal: 'PrincipalGuard',
  owner: 'PrincipalGuard',
  admin: 'AdminGuard',
};

/** Where the table of routes and a controller say different things about the same call. */
export function disagreements(table: Route, real: ControllerRoute): string[] {
  const guard = GUARD_OF_AUTH[table.auth];
  const allowed = table.auth === 'session' ? ['SessionGuard'] : [];
  const found = {
    status: table.status !== real.status,
    body: table.body !== real.body,
    query: table.query !== real.query,
    params: Object.keys({ ...table.params, ...real.params }).some((name) => table.params?.[name] !== real.params[name]),
    guard: guard === undefined ? real.guards.some((name) => !allowed.includes(name)) : !real.guards.includes(guard),
    owner: (table.auth === 'owner') !== real.ownersOnly,
  };
  return Object.entries(found)
    .filter(([, differs]) => differs)
    .map(([what]) => `${table.method} ${table.path}: ${what}`);
}
