import { PAGES, readPage, withMeasurements } from './measurements.mjs';

const LINES_MAX = 100;

describe.each(PAGES)('docs/%s', (name) => {
  const page = readPage(name);

  it('shows what docs/measurements holds, as `npm run generate:measurements` writes it', () => {
    expect(page).toContain('<!-- table: ');
    expect(withMeasurements(page)).toBe(page);
  });

  it('holds goals, method and the latest figures, and no history', () => {
    expect(page.split('\n').length).toBeLessThanOrEqual(LINES_MAX);
  });
});
