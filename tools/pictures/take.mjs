// `npm run pictures`: takes docs/console/*.png anew, from a product of its own that is looked at in a real Chromium. The same
// run checks every page (apps/ecolink/test/full/console-pages.spec.ts), so that no picture shows what the tests refuse.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { prepare } from '../bootstrap/prepare.mjs';
import { chromium } from '../browser/install.mjs';
import { CHOSEN } from './chosen.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DOCS = join(ROOT, 'docs', 'console');
const BYTES_MAX = 8 * 1_048_576;
const TIMEOUT_MS = 30 * 60_000;

const { node, env } = await prepare();
chromium();
const taken = mkdtempSync(join(tmpdir(), 'ecolink-pictures-'));
try {
  process.exitCode = take();
} finally {
  rmSync(taken, { recursive: true, force: true });
}

/** Exit code: 0 when every chosen picture was taken, whatever the run said of the pages. */
function take() {
  const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--config', 'jest.config.mjs', '--forceExit'];
  const spec = 'apps/ecolink/test/full/console-pages.spec.ts';
  const run = spawnSync(node, [...jest, spec], {
    cwd: ROOT,
    env: { ...env, CONSOLE_PICTURES: taken },
    stdio: 'inherit',
    timeout: TIMEOUT_MS,
  });
  const there = new Set(readdirSync(taken));
  const missing = CHOSEN.filter((name) => !there.has(name));
  if (missing.length > 0) {
    console.error(`not taken: ${missing.join(', ')}`);
    return 1;
  }
  mkdirSync(DOCS, { recursive: true });
  for (const name of readdirSync(DOCS)) if (name.endsWith('.png')) rmSync(join(DOCS, name));
  for (const name of CHOSEN) copyFileSync(join(taken, name), join(DOCS, name));
  const bytes = CHOSEN.reduce((sum, name) => sum + statSync(join(DOCS, name)).size, 0);
  console.error(`${CHOSEN.length} pictures, ${(bytes / 1_048_576).toFixed(1)} MiB, in docs/console`);
  if (run.status !== 0) console.error('the pages broke a rule: see above');
  return bytes > BYTES_MAX ? 1 : 0;
}
