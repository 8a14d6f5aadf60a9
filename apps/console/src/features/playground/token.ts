import { api, take } from '../../api/client.js';
import { queryClient } from '../../api/query-client.js';
import { meQuery } from '../session/queries.js';

/** A token lives 15 minutes; this long before its end a new one is taken. */
const RENEWED_BEFORE_MS = 60_000;
const LIFETIME_MS = 15 * 60_000;

interface Held {
  readonly key: string;
  readonly until: number;
  /** Person and account that its calls are billed to. */
  readonly payer: string;
}

let held: Held | undefined;
let asking: { readonly payer: string; readonly key: Promise<string> } | undefined;

/** The playground's key for `/v1/*`, of the person and account that are shown now: kept in this module's memory alone. */
export async function playgroundKey(): Promise<string> {
  const payer = payerNow();
  if (held?.payer === payer && held.until > Date.now()) return held.key;
  if (asking?.payer !== payer) asking = { payer, key: ask(payer).finally(() => (asking = undefined)) };
  return asking.key;
}

/** Forgets a key that was refused. */
export function forgetPlaygroundKey(): void {
  held = undefined;
}

function payerNow(): string {
  const me = queryClient.getQueryData(meQuery.queryKey);
  return `${me?.user?.id ?? ''} ${me?.active_account_id ?? ''}`;
}

async function ask(payer: string): Promise<string> {
  const { key } = await take(api.POST('/api/v1/playground/token', { body: {} }));
  held = { key, until: Date.now() + LIFETIME_MS - RENEWED_BEFORE_MS, payer };
  return key;
}
