// Writes what is generated from `libs/contracts` and committed. Needs its build, since Node runs no TypeScript of this tree.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildOpenApi } from '@ecolink/contracts';

const folder = fileURLToPath(new URL('../../docs/contracts/', import.meta.url));
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}openapi.json`, `${JSON.stringify(buildOpenApi(), null, 2)}\n`);
