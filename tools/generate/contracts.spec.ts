import { readdirSync, readFileSync } from 'node:fs';
import { contractFiles } from '@ecolink/contracts';

const folder = new URL('../../docs/contracts/', import.meta.url);
const files = [...contractFiles()];

describe('docs/contracts, which `npm run generate:contracts` writes anew,', () => {
  it.each(files)('says in %s what the schemas say now', (path, text) => {
    expect(JSON.parse(readFileSync(new URL(path, folder), 'utf8'))).toEqual(JSON.parse(text));
  });

  it('holds no schema of a topic that is gone', () => {
    const expected = files.map(([path]) => path).filter((path) => path.startsWith('events/'));
    expect(readdirSync(new URL('events/', folder)).map((name) => `events/${name}`)).toEqual(expected.sort());
  });
});
