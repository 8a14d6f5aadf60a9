import { api, take } from '../../api/client.js';
import { queryClient } from '../../api/query-client.js';
import { announceSession } from './account-channel.js';
import { meQuery } from './queries.js';

export interface Credentials {
  readonly email: string;
  readonly password: string;
  readonly totp_code?: string;
  readonly recovery_code?: string;
}

/** Signs in; the cookie is the browser's alone. Throws a `Problem`: `invalid_credentials`, `mfa_required`. */
export async function signIn(credentials: Credentials): Promise<void> {
  const me = await take(api.POST('/api/v1/session', { body: credentials }));
  queryClient.setQueryData(meQuery.queryKey, me);
  announceSession();
}

/** Ends the session and forgets everything that was shown. */
export async function signOut(): Promise<void> {
  await take(api.DELETE('/api/v1/session'));
  forgetSession();
}

/** For a session that the server has ended already. */
export function forgetSession(): void {
  queryClient.clear();
  announceSession();
}
