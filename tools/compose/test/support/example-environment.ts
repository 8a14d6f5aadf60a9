import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeEnvironment } from '../../write-env.mjs';
import { parseEnvFile } from './read-compose.js';

export interface ExampleEnvironment {
  readonly directory: string;
  readonly file: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly tlsDirectory: string;
  remove(): void;
}

/** What `npm run compose:env` writes, in a folder of its own. */
export function writeExampleEnvironment(args: readonly string[] = []): ExampleEnvironment {
  const directory = mkdtempSync(path.join(tmpdir(), 'ecolink-compose-'));
  writeEnvironment(['--directory', directory, ...args]);
  const file = path.join(directory, '.env');
  return {
    directory,
    file,
    variables: parseEnvFile(readFileSync(file, 'utf8')),
    tlsDirectory: path.join(directory, '.tools/compose/tls'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
