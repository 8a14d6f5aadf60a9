import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ProjectionCache } from './projection.js';

/** Items that are turned into text in one go: some milliseconds in which nothing else runs. */
const ITEMS_PER_TURN = 1_000;

/**
 * Keeps a projection's last copy in one file, an item a line, replaced whole so that a kill leaves the old one or the new
 * one. However many items there are, the process goes on with its work between any thousand of them.
 */
export function fileCache(file: string): ProjectionCache {
  return {
    load: () => readLines(file),
    save: async (items) => {
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      try {
        const next = await open(`${file}.next`, 'w', 0o600);
        try {
          await writeLines(next, items);
        } finally {
          await next.close();
        }
        await rename(`${file}.next`, file);
      } catch (error) {
        // A half copy would keep the room that others need.
        await rm(`${file}.next`, { force: true });
        throw error;
      }
    },
  };
}

async function writeLines(file: FileHandle, items: Iterable<unknown>): Promise<void> {
  let lines: string[] = [];
  const flush = async (): Promise<void> => {
    await file.appendFile(lines.join(''));
    lines = [];
    await nextTurn();
  };
  for (const item of items) {
    lines.push(`${JSON.stringify(item)}\n`);
    if (lines.length === ITEMS_PER_TURN) await flush();
  }
  await flush();
}

async function* readLines(file: string): AsyncGenerator {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    if (line !== '') yield JSON.parse(line) as unknown;
  }
}
