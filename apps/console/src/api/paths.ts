import type { paths } from './schema.gen.js';

interface Parameters {
  readonly query?: never;
  readonly header?: never;
  readonly path?: never;
  readonly cookie?: never;
}

interface Call<Body, Status extends number, Answer> {
  readonly parameters: Parameters;
  readonly requestBody: Body extends undefined ? never : { readonly content: { readonly 'application/json': Body } };
  readonly responses: {
    readonly [status in Status]: {
      readonly headers: Record<string, unknown>;
      readonly content: { readonly 'application/json': Answer };
    };
  };
}

interface Get<Answer, Query = undefined> {
  readonly parameters: Query extends undefined ? Parameters : Omit<Parameters, 'query'> & { readonly query?: Query };
  readonly requestBody?: never;
  readonly responses: {
    readonly 200: { readonly headers: Record<string, unknown>; readonly content: { readonly 'application/json': Answer } };
  };
}

interface MeAnswer {
  readonly user: { readonly id: string; readonly email: string } | null;
  readonly accounts: { readonly id: string; readonly name: string; readonly role: 'owner' | 'member' }[];
  readonly active_account_id: string | null;
}

/**
 * Calls of the fixed API that a server of an older version may not publish. A path that the published document has is
 * taken from there, whatever stands here.
 */
interface OptionalPaths {
  readonly '/api/v1/signup': {
    readonly post: Call<
      { readonly email: string; readonly password: string; readonly account_name?: string; readonly invite_token?: string },
      201,
      {
        readonly user: { readonly id: string; readonly email: string };
        readonly account: { readonly id: string; readonly name: string };
      }
    >;
  };
  readonly '/api/v1/account': {
    readonly get: Get<{ readonly name: string; readonly time_zone: string; readonly require_mfa: boolean }>;
  };
  readonly '/api/v1/playground/token': {
    readonly post: Call<Record<string, never>, 201, { readonly key: string; readonly expires_at?: string }>;
  };
  readonly '/api/v1/invites/{token}/preview': {
    readonly get: Omit<
      Get<{
        readonly account_name: string;
        readonly role: 'owner' | 'member';
        readonly invited_by?: string | null;
        readonly expires_at: string;
      }>,
      'parameters'
    > & { readonly parameters: { readonly path: { readonly token: string } } };
  };
  readonly '/api/v1/invites/accept': { readonly post: Call<{ readonly token: string }, 200, MeAnswer> };
}

/** Every path that the console calls. */
export type PublishedPaths = Omit<OptionalPaths, keyof paths> & paths;
