// Writes the types of the API client from the published document; with `--check` it only says whether they are stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapiTypescript, { astToString } from 'openapi-typescript';

const HEAD = '// Generated from docs/contracts/openapi.json by `npm run generate:contracts`.\n';
const target = fileURLToPath(new URL('../src/api/schema.gen.d.ts', import.meta.url));

const document = JSON.parse(readFileSync(new URL('../../../docs/contracts/openapi.json', import.meta.url), 'utf8'));
const types = HEAD + astToString(await openapiTypescript(document));
if (!process.argv.includes('--check')) writeFileSync(target, types);
else if (readFileSync(target, 'utf8') !== types) {
  console.error('the types of the API client are stale: run `npm run generate:contracts`');
  process.exitCode = 1;
}
