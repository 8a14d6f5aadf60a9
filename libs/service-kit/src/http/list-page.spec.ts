import type { ListQuery } from '@ecolink/contracts';
import { pageById, pageFrom, toListPage } from './list-page.js';

const rows = (...ids: number[]) => ids.map((id) => ({ id }));
const query = (more: Partial<ListQuery> = {}): ListQuery => ({ limit: 2, ...more });

describe('a page of a list', () => {
  it('reads one row more than it shows, from the newest or on the far side of the cursor', () => {
    expect(pageById(query())).toEqual({ where: {}, orderBy: { id: 'desc' }, take: 3 });
    expect(pageById(query({ after: 'b' }))).toEqual({ where: { id: { lt: 'b' } }, orderBy: { id: 'desc' }, take: 3 });
    expect(pageById(query({ before: 'b' }))).toEqual({ where: { id: { gt: 'b' } }, orderBy: { id: 'asc' }, take: 3 });
    expect(pageFrom(query({ before: '7' }), 7n)).toEqual({ edge: { gt: 7n }, order: 'asc', take: 3 });
  });

  it('is newest first whichever way it was read, and says whether there is more in that direction', () => {
    expect(toListPage(rows(9, 8, 7), query({ after: '10' }))).toMatchObject({ data: rows(9, 8), has_more: true });
    expect(toListPage(rows(4, 5, 6), query({ before: '3' }))).toEqual({
      object: 'list',
      data: rows(5, 4),
      first_id: 5,
      last_id: 4,
      has_more: true,
    });
    expect(toListPage([], query())).toMatchObject({ first_id: null, last_id: null, has_more: false });
  });
});
