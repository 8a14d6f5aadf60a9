import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const RUN = fileURLToPath(new URL('../../run.mjs', import.meta.url));
const TIMEOUT_MS = 180_000;

interface Goal {
  readonly goal: string;
  readonly measured: string;
  readonly isMet: boolean;
}

describe('router and gateways as processes', () => {
  it.each([
    ['fail no call that had no byte yet when a region is killed under load, which comes back by a trickle', 'region-kill'],
    ['serve beside ten thousand idle connections', 'idle-connections'],
  ])(
    '%s',
    async (_guarantee, part) => {
      const directory = mkdtempSync(path.join(tmpdir(), 'ecolink-part-'));
      const file = path.join(directory, 'result.json');
      const { stdout } = await promisify(execFile)(process.execPath, [RUN, part, '--json', file]);
      console.log(stdout);
      const { results } = JSON.parse(readFileSync(file, 'utf8')) as { results: Record<string, { goals: Goal[] } | undefined> };
      rmSync(directory, { recursive: true });
      expect(results[part]?.goals).toHaveLength(3);
      expect(results[part]?.goals.filter(({ isMet }) => !isMet)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
