// `npm run contracts:release`: makes the current event contracts the baseline that later changes are compared with.
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findBreakingChanges } from './compatibility.mjs';

const folder = fileURLToPath(new URL('../../docs/contracts/', import.meta.url));
const current = `${folder}asyncapi.json`;
const baseline = `${folder}baseline/asyncapi.json`;

const { values } = parseArgs({ options: { breaking: { type: 'boolean', default: false } } });
const breaks = existsSync(baseline) ? findBreakingChanges(read(baseline), read(current)) : [];
for (const line of breaks) console.error(line);

if (breaks.length > 0 && !values.breaking) {
  console.error(
    '\nNothing was released: this breaks consumers. Publish a new topic, or say `-- --breaking` when nobody reads these.',
  );
  process.exitCode = 1;
} else {
  mkdirSync(`${folder}baseline`, { recursive: true });
  copyFileSync(current, baseline);
  console.log('docs/contracts/baseline/asyncapi.json is now what docs/contracts/asyncapi.json says');
}

function read(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
