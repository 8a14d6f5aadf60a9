import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { DemoSecrets } from '../seed/seed-demo.js';
import { writeWhole } from '../supervise/secrets.js';
import type { DemoEnvironment } from './setup-environment.js';

const FILE = 'demo.json';

const keptSchema = z.object({
  api_key: z.string().optional(),
  management_key: z.string().optional(),
  seeded: z.boolean().default(false),
});

/** Secrets that are given stay in the environment; the keys that the product makes are kept in the data directory. */
export async function openDemoSecrets(environment: DemoEnvironment): Promise<DemoSecrets> {
  const file = path.join(environment.ECOLINK_DATA_DIR, FILE);
  const text = await readFile(file, 'utf8').catch(() => '{}');
  let kept = keptSchema.parse(JSON.parse(text));
  const given = {
    internal_secret: environment.ECOLINK_INTERNAL_SECRET,
    admin_token: environment.ECOLINK_ADMIN_TOKEN,
    demo_password: environment.ECOLINK_DEMO_PASSWORD,
  };
  return {
    get values() {
      return { ...given, ...kept };
    },
    update: async (change) => {
      kept = { ...kept, ...change };
      await writeWhole(file, JSON.stringify(kept, null, 2));
    },
  };
}
