import { readFile } from 'node:fs/promises';
import { waitFor } from '../wait-for.js';

/** What the product writes beside its data once it serves: all that a test may know of it. */
export interface ProductCredentials {
  /** Ends in `/v1`. */
  readonly api_base_url: string;
  readonly console_url: string;
  readonly admin_url: string;
  readonly admin_token: string;
  readonly account_id: string;
  readonly api_key: string;
  readonly management_key: string;
  readonly demo_email: string;
  readonly demo_password: string;
  readonly models: readonly string[];
  readonly custom_instance_id: number;
  readonly pid: number;
  /** Where there are several behind an edge. */
  readonly routers?: readonly unknown[];
}

/** The credentials in a file; `undefined` while there are none. */
export async function readCredentials(file: string): Promise<ProductCredentials | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as ProductCredentials);
}

/** Waits for the credentials that this very process writes: an earlier run may have left a file behind. */
export function waitForCredentials(
  file: string,
  pid: number,
  ended: () => string | undefined,
  timeoutMs: number,
): Promise<ProductCredentials> {
  return waitFor(
    async () => {
      const problem = ended();
      if (problem !== undefined) throw new Error(problem);
      const credentials = await readCredentials(file);
      return credentials?.pid === pid ? credentials : undefined;
    },
    { timeoutMs, what: file },
  );
}
