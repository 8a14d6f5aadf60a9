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

describe('a region that is killed under 200 calls a second, streaming and not', () => {
  it(
    'fails no call that had no byte yet and another candidate, and comes back by a trickle',
    async () => {
      const directory = mkdtempSync(path.join(tmpdir(), 'ecolink-region-kill-'));
      const file = path.join(directory, 'result.json');
      const { stdout } = await promisify(execFile)(process.execPath, [RUN, 'region-kill', '--json', file]);
      console.log(stdout);
      const { results } = JSON.parse(readFileSync(file, 'utf8')) as { results: { 'region-kill': { goals: Goal[] } } };
      rmSync(directory, { recursive: true });
      expect(results['region-kill'].goals).toHaveLength(3);
      expect(results['region-kill'].goals.filter(({ isMet }) => !isMet)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
