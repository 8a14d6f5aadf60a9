import path from 'node:path';
import type { Demo, DemoSecrets } from '../seed/seed-demo.js';
import { DEMO_EMAIL } from '../seed/demo-data.js';
import { writeWhole } from './secrets.js';

export interface Credentials {
  /** Ends in `/v1`, as the SDKs want it. */
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
  readonly custom_instance_id: number | null;
  readonly pid: number;
}

export function credentialsOf(publicUrl: string, adminUrl: string, secrets: DemoSecrets['values'], demo: Demo): Credentials {
  return {
    api_base_url: `${publicUrl}/v1`,
    console_url: `${publicUrl}/console`,
    admin_url: adminUrl,
    admin_token: secrets.admin_token,
    account_id: demo.accountId,
    api_key: secrets.api_key ?? '',
    management_key: secrets.management_key ?? '',
    demo_email: DEMO_EMAIL,
    demo_password: secrets.demo_password,
    models: demo.instances.filter((instance) => instance.openai_compatible).map((instance) => instance.model),
    custom_instance_id: demo.instances.find((instance) => !instance.openai_compatible)?.id ?? null,
    pid: process.pid,
  };
}

export function writeCredentials(dataDirectory: string, credentials: Credentials): Promise<void> {
  return writeWhole(path.join(dataDirectory, 'credentials.json'), JSON.stringify(credentials, null, 2));
}
