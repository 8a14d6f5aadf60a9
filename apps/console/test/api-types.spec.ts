import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

it('calls the API by the types of the published document, as `npm run generate:contracts` writes them', () => {
  const script = fileURLToPath(new URL('../build/api-types.mjs', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8', timeout: 60_000 });
  expect([status, stderr]).toEqual([0, '']);
}, 180_000);
