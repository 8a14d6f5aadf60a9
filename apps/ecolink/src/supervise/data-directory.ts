import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { lockDirectory } from '@ecolink/runtime';
import type { StartOptions } from '../options.js';
import { assertPortIsFree } from '../ports.js';

const LOOPBACK = '127.0.0.1';

/**
 * Takes the data directory, emptied when `--reset` asks for it, and answers how to give it back. Throws where a port or the
 * directory is another's; then nothing in it is touched, so the log is opened after this.
 */
export async function openDataDirectory(options: StartOptions): Promise<() => void> {
  await assertPortIsFree(options.host, options.port, '--port');
  await assertPortIsFree(options.adminHost, options.adminPort, '--admin-port');
  for (const port of options.gatewayPorts) await assertPortIsFree(LOOPBACK, port, '--gateway-ports');
  const directory = options.dataDirectory;
  if (options.reset) await emptyDataDirectory(directory);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const unlock = lockDirectory(directory);
  await rm(path.join(directory, 'credentials.json'), { force: true });
  return unlock;
}

/** Empties a data directory of ours, and refuses to touch one that holds anything else. */
async function emptyDataDirectory(directory: string): Promise<void> {
  if (!existsSync(directory)) return;
  const names = await readdir(directory);
  if (names.length > 0 && !names.includes('secrets.json') && !names.every((name) => name === 'lock' || name === 'log')) {
    throw new Error(`${directory} does not look like a data directory of EcoLink, so --reset leaves it alone`);
  }
  const unlock = lockDirectory(directory);
  // Loaded where it is needed: with it comes the whole of the database client.
  const { DatabaseServer } = await import('./database-server.js');
  await DatabaseServer.stopLeft(path.join(directory, 'postgres'));
  for (const name of names) await rm(path.join(directory, name), { recursive: true, force: true });
  unlock();
}
