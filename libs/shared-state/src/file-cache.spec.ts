import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, statfs, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type PriceState, priceState } from '@ecolink/contracts';
import { mountSmallFileSystem, waitFor } from '@ecolink/testing';
import { fileCache } from './file-cache.js';
import { Projection } from './projection.js';

const ITEMS = 5_000;

/** Writing to it, at its beginning, is an I/O error (EIO): nothing of a process is mapped there. */
const BROKEN = '/proc/self/mem';
const small = mountSmallFileSystem(256 * 1_024);
const onSmallDisk = small === undefined ? it.skip : it;
const onLinux = existsSync(BROKEN) ? it : it.skip;

let directory: string;

afterAll(() => small?.remove());

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

  it('keeps what a newer release added to an item, through a projection that does not know it', async () => {
    const price = {
      ...{ version: 1, target: 'instance:1', effective_from: '2026-11-23T00:00:00.000Z', currency: 'usd' },
      prices: { nano_usd_per_page: '5' },
    };
    const cache = fileCache(path.join(directory, 'prices.jsonl'));
    const parts = { name: 'prices', schema: priceState, keyOf: (item: PriceState) => item.target, cache };
    const page = { items: [price], cursor: '1', next: null };
    const first = new Projection({ ...parts, fetchPage: () => Promise.resolve(page) });
    await first.refresh();
    await waitFor(async () => (await allOf(cache.load()).catch(() => [])).length === 1, { timeoutMs: 5_000, what: 'the copy' });
    const second = new Projection({ ...parts, fetchPage: () => Promise.reject(new Error('down')) });
    await second.start();
    second.stop();
    expect(second.get('instance:1')).toEqual(price);
  });

  it('fails where there is no copy', async () => {
    await expect(allOf(fileCache(path.join(directory, 'none')).load())).rejects.toThrow();
  });

  onSmallDisk('keeps the last copy when the disk is full, says so once, and saves the next one when there is room', async () => {
    const disk = small?.directory ?? '';
    const cache = fileCache(path.join(disk, 'state', 'prices.jsonl'));
    const told: unknown[] = [];
    const prices = Array.from({ length: 100 }, (_unused, index) => ({
      version: 1,
      target: `instance:${index}`,
      effective_from: '2026-11-23T00:00:00.000Z',
      prices: { nano_usd_per_request: '5' },
    }));
    let items = prices.slice(0, 1);
    const projection = new Projection({
      ...{ name: 'prices', schema: priceState, keyOf: (item: PriceState) => item.target, cache },
      fetchPage: () => Promise.resolve({ items, cursor: '1', next: null }),
      onCopyChange: (failure) => told.push(failure === undefined ? 'again' : (failure as NodeJS.ErrnoException).code),
    });
    const saved = async () => (await allOf(cache.load()).catch(() => [])).length;
    const refreshUntil = (isDone: () => Promise<boolean> | boolean, what: string) =>
      waitFor(
        async () => {
          await projection.refresh();
          return isDone();
        },
        { timeoutMs: 20_000, what },
      );
    await refreshUntil(async () => (await saved()) === 1, 'the first copy');
    const { bavail, bsize } = await statfs(disk);
    await writeFile(path.join(disk, 'filler'), Buffer.alloc(bavail * bsize));
    items = prices;
    await refreshUntil(() => told.length > 0, 'the failure to be told');
    for (let turn = 0; turn < 3; turn += 1) await projection.refresh();
    expect([await saved(), await readdir(path.join(disk, 'state')), projection.size]).toEqual([1, ['prices.jsonl'], 100]);
    await rm(path.join(disk, 'filler'));
    await refreshUntil(async () => (await saved()) === 100, 'the copy of all');
    expect(told).toEqual(['ENOSPC', 'again']);
  });

  onLinux('fails on a broken disk, and saves the next copy when it is whole', async () => {
    const file = path.join(directory, 'keys.jsonl');
    await symlink(BROKEN, `${file}.next`);
    const cache = fileCache(file);
    await expect(cache.save(itemsOf(1))).rejects.toMatchObject({ code: 'EIO' });
    await cache.save(itemsOf(2));
    expect(await allOf(cache.load())).toEqual(itemsOf(2));
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
