import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const INITIAL_BYTES_MAX = 300 * 1_024;
const dist = new URL('../dist/', import.meta.url);

it('loads at most 300 KB of JavaScript, gzipped, before the first page', () => {
  const html = readFileSync(new URL('index.html', dist), 'utf8');
  const files = [...html.matchAll(/(?:src|href)="\/console\/([^"]+\.js)"/g)].map(([, file]) => file ?? '');
  expect(files.length).toBeGreaterThan(1);
  const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length, 0);
  expect(bytes).toBeLessThanOrEqual(INITIAL_BYTES_MAX);
});
