import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface SmallFileSystem {
  readonly directory: string;
  remove(): void;
}

/**
 * A file system of its own with room for so many bytes, to see what happens when a disk is full. `undefined` where this user may not mount
 * one (it takes root).
 */
export function mountSmallFileSystem(bytes: number): SmallFileSystem | undefined {
  const directory = mkdtempSync(path.join(tmpdir(), 'ecolink-small-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'tmpfs', directory]);
  if (mounted.status !== 0) {
    rmdirSync(directory);
    return undefined;
  }
  return {
    directory,
    remove: () => {
      spawnSync('umount', ['--lazy', directory]);
      rmdirSync(directory);
    },
  };
}
