import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ProjectionCache } from './projection.js';

/** Keeps a projection's last copy in one file, replaced whole so that a kill leaves the old one or the new one. */
export function fileCache(file: string): ProjectionCache {
  let lastText: string | undefined;
  return {
    load: async () => JSON.parse(await readFile(file, 'utf8')) as unknown,
    save: async (copy) => {
      const text = JSON.stringify(copy);
      if (text === lastText) return;
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      await writeFile(`${file}.next`, text, { mode: 0o600 });
      await rename(`${file}.next`, file);
      lastText = text;
    },
  };
}
