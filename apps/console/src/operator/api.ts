import createClient from 'openapi-fetch';
import { Problem, problemOf } from '../api/problem.js';
import type { components, paths } from '../api/schema.gen.js';
import { operatorToken, tokenRefused } from './token.js';

export type Schemas = components['schemas'];

interface OptionalPaths {
  readonly '/admin/v1/overview': { readonly get: Omit<Call<never, Overview>, 'requestBody'> & { readonly requestBody?: never } };
  readonly '/admin/v1/reconcile': {
    readonly post: Omit<Call<never, Reconciliation>, 'parameters' | 'requestBody'> & {
      readonly parameters: {
        readonly query?: { readonly account_id?: string };
        readonly header?: { readonly 'Idempotency-Key'?: string };
      };
      readonly requestBody?: never;
    };
  };
}

/** How the product does now. */
export interface Overview {
  readonly at: string;
  readonly calls: {
    readonly per_second: number;
    readonly refused_per_second: number;
    /** Of 1; null without calls. */
    readonly error_ratio: number | null;
    readonly ttft_ms: { readonly p50: number | null; readonly p95: number | null };
  };
  readonly billing: {
    readonly posting_lag_ms: { readonly p50: number | null; readonly max: number | null };
    readonly dead_letters_waiting: number;
  };
  readonly ledger: { readonly problems: number; readonly verified_at: string | null };
  readonly routers: {
    readonly router_id: string;
    readonly seen_at: string;
    readonly state_age_ms: Readonly<Record<string, number>>;
  }[];
}

/** What was computed anew, and what of it differs from what is stored. */
export interface Reconciliation {
  readonly started_at: string;
  readonly finished_at: string;
  readonly checked: { readonly accounts: number; readonly transactions: number; readonly calls: number };
  readonly balanced: boolean;
  readonly differences: {
    readonly kind: string;
    readonly account_id: string | null;
    readonly subject: string;
    readonly message: string;
    readonly expected_nano_usd: string | null;
    readonly actual_nano_usd: string | null;
  }[];
  readonly truncated: boolean;
}

export type GpuType = Schemas['GpuType'];

interface Call<Body, Answer> {
  readonly parameters: { readonly query?: never; readonly header?: never; readonly path?: never; readonly cookie?: never };
  readonly requestBody: { readonly content: { readonly 'application/json': Body } };
  readonly responses: {
    readonly 200: { readonly headers: Record<string, unknown>; readonly content: { readonly 'application/json': Answer } };
  };
}

type PublishedPaths = { readonly [path in keyof paths as path extends `/admin/v1/${string}` ? path : never]: paths[path] };

/** A path that the published document has is taken from there. */
type AdminPaths = Omit<OptionalPaths, keyof PublishedPaths> & PublishedPaths;

/** Calls of the admin API, typed by the published document. No cookie goes along: the token is the one credential. */
export const adminApi = createClient<AdminPaths>({ baseUrl: '', fetch: fetchAsOperator, credentials: 'omit' });

async function fetchAsOperator(request: Request): Promise<Response> {
  const token = operatorToken() ?? '';
  request.headers.set('authorization', `Bearer ${token}`);
  const response = await fetch(request);
  if (response.status === 401) tokenRefused(token);
  return response;
}

/** Throws a `Problem` when the token is refused, or no answer came. */
export async function proveToken(token: string): Promise<void> {
  let response: Response;
  try {
    response = await fetch('/admin/v1/accounts?limit=1', {
      headers: { authorization: `Bearer ${token}` },
      credentials: 'omit',
    });
  } catch {
    throw new Problem({ status: 0, code: 'connection_failed', message: 'No answer came. The connection may be lost.' });
  }
  if (!response.ok) throw problemOf(response, await response.json().catch(() => undefined));
}

/** A file of the admin API, as what a link can offer. */
export async function adminFile(path: string): Promise<Blob> {
  const response = await fetchAsOperator(new Request(path, { credentials: 'omit' }));
  if (!response.ok) throw problemOf(response, await response.json().catch(() => undefined));
  return response.blob();
}
