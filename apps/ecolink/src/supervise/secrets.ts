import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const FILE = 'secrets.json';

const secretsSchema = z.object({
  internal_secret: z.string(),
  admin_token: z.string(),
  encryption_key: z.string().length(64),
  demo_password: z.string(),
  api_key: z.string().optional(),
  management_key: z.string().optional(),
  /** True once the demo was made in full; later starts leave what the user changed alone. */
  seeded: z.boolean().default(false),
});
export type Secrets = z.infer<typeof secretsSchema>;

/** The secrets of one data directory, made at its first start and readable by its owner only. */
export class SecretsFile {
  private constructor(
    private readonly file: string,
    private current: Secrets,
  ) {}

  static async open(dataDirectory: string): Promise<SecretsFile> {
    const file = path.join(dataDirectory, FILE);
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) return new SecretsFile(file, secretsSchema.parse(JSON.parse(text)));
    const secrets = new SecretsFile(file, {
      internal_secret: randomBytes(32).toString('hex'),
      admin_token: `ecoadmin_${randomBytes(24).toString('hex')}`,
      encryption_key: randomBytes(32).toString('hex'),
      demo_password: randomBytes(12).toString('base64url'),
      seeded: false,
    });
    await secrets.update({});
    return secrets;
  }

  get values(): Secrets {
    return this.current;
  }

  async update(change: Partial<Secrets>): Promise<void> {
    this.current = { ...this.current, ...change };
    await writeWhole(this.file, JSON.stringify(this.current, null, 2));
  }
}

/** Replaces a file in one step, so that a reader, or a kill, finds the old one or the new one. */
export async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.next`, `${text}\n`, { mode: 0o600 });
  await rename(`${file}.next`, file);
}
