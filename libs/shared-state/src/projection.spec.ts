import { Readable } from 'node:stream';
import type { ProjectionPage } from '@ecolink/contracts';
import { z } from 'zod';
import { type PageQuery, Projection } from './projection.js';

const schema = z.object({ id: z.string(), version: z.number(), value: z.string() });

function page(items: unknown[], cursor = '1', next: string | null = null): ProjectionPage {
  return { items, cursor, next };
}

function projection(fetchPage: (query: PageQuery) => Promise<ProjectionPage>, extra: object = {}) {
  return new Projection({ name: 'test', schema, keyOf: (item) => item.id, fetchPage, ...extra });
}

describe('Projection', () => {
  it('never lets an older version replace a newer one, whichever way it comes', async () => {
    let answer = page([{ id: 'a', version: 3, value: 'new' }]);
    const keys = projection(() => Promise.resolve(answer));
    await keys.refresh();
    expect(keys.applyPush({ id: 'a', version: 2, value: 'stale push' })).toBe(false);
    answer = page([{ id: 'a', version: 1, value: 'stale snapshot' }]);
    await keys.refresh();
    expect(keys.get('a')?.value).toBe('new');
  });

  it('asks for changes since the cursor of the FIRST page, so that nothing falls between pages', async () => {
    const queries: PageQuery[] = [];
    const answers = [
      page([{ id: 'a', version: 1, value: '' }], '10', 'a'),
      page([{ id: 'b', version: 1, value: '' }], '20'),
      page([], '30'),
    ];
    const keys = projection((query) => {
      queries.push(query);
      return Promise.resolve(answers.shift() ?? page([]));
    });
    await keys.refresh();
    await keys.refresh();
    expect(queries.map(({ since, after }) => ({ since, after }))).toEqual([
      { since: undefined, after: undefined },
      { since: undefined, after: 'a' },
      { since: '10', after: undefined },
    ]);
    expect(keys.size).toBe(2);
  });

  it('keeps what it has, and grows older, while the owner is down', async () => {
    let nowMs = 1_000;
    let up = true;
    const keys = projection(
      () => (up ? Promise.resolve(page([{ id: 'a', version: 1, value: 'x' }])) : Promise.reject(new Error('down'))),
      {
        now: () => nowMs,
      },
    );
    await keys.refresh();
    up = false;
    nowMs += 5_000;
    expect(await keys.refresh()).toBe(false);
    expect(keys.get('a')?.value).toBe('x');
    expect(keys.ageMs()).toBe(5_000);
  });

  it('starts from the last copy when the owner is down, and says that it is stale', async () => {
    const cache = {
      load: () => Readable.from([{ id: 'a', version: 4, value: 'copy' }]),
      save: () => Promise.resolve(),
    };
    const keys = projection(() => Promise.reject(new Error('down')), { cache });
    await keys.start();
    keys.stop();
    expect(keys.get('a')?.value).toBe('copy');
    expect(keys.ageMs()).toBeGreaterThan(24 * 3_600_000);
  });

  it('skips and counts an item it cannot read instead of losing the rest', async () => {
    const keys = projection(() => Promise.resolve(page([{ id: 'bad' }, { id: 'a', version: 1, value: 'x' }])));
    await keys.refresh();
    expect([keys.size, keys.skipped]).toEqual([1, 1]);
  });
});
