import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileCache } from './file-cache.js';

const ITEMS = 5_000;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'ecolink-copy-'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

async function allOf(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const itemsOf = (count: number) => Array.from({ length: count }, (_unused, id) => ({ id, text: 'line\nbreak' }));

describe('fileCache', () => {
  it('gives back every item that was saved last, and leaves nothing else behind', async () => {
    const cache = fileCache(path.join(directory, 'state', 'keys.jsonl'));
    await cache.save(itemsOf(7));
    await cache.save(itemsOf(ITEMS));
    expect(await allOf(cache.load())).toEqual(itemsOf(ITEMS));
    expect(await readdir(path.join(directory, 'state'))).toEqual(['keys.jsonl']);
  });

  it('fails where there is no copy', async () => {
    await expect(allOf(fileCache(path.join(directory, 'none')).load())).rejects.toThrow();
  });

  it('lets other work run while it saves many items', async () => {
    let turns = 0;
    let isSaved = false;
    const saving = fileCache(path.join(directory, 'keys.jsonl'))
      .save(itemsOf(20 * ITEMS))
      .then(() => (isSaved = true));
    while (!isSaved as boolean) {
      turns += 1;
      await nextTurn();
    }
    await saving;
    expect(turns).toBeGreaterThanOrEqual(100);
  });
});
