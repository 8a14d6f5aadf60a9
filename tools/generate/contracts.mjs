// Writes what is generated from `libs/contracts` and committed. Needs its build, since Node runs no TypeScript of this tree.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { contractFiles } from '@ecolink/contracts';

const folder = fileURLToPath(new URL('../../docs/contracts/', import.meta.url));
// A topic that is gone leaves no schema behind.
rmSync(path.join(folder, 'events'), { recursive: true, force: true });
for (const [file, text] of contractFiles()) {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), text);
}
