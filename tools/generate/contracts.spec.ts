import { readFileSync } from 'node:fs';
import { buildOpenApi } from '@ecolink/contracts';

describe('docs/contracts/openapi.json', () => {
  it('is what the schemas say now; `npm run generate:contracts` writes it anew', () => {
    const committed = readFileSync(new URL('../../docs/contracts/openapi.json', import.meta.url), 'utf8');
    expect(JSON.parse(committed)).toEqual(JSON.parse(JSON.stringify(buildOpenApi())));
  });
});
