import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const RUN = fileURLToPath(new URL('../../run.mjs', import.meta.url));
const TIMEOUT_MS = 180_000;
/** Two starts of the whole product, and its load. */
const PRODUCT_TIMEOUT_MS = 900_000;

interface Goal {
  readonly goal: string;
  readonly measured: string;
  readonly isMet: boolean;
}

/** Runs one part and returns its goals. */
async function goalsOf(part: string, ...args: string[]): Promise<Goal[]> {
  const directory = mkdtempSync(path.join(tmpdir(), 'ecolink-part-'));
  const file = path.join(directory, 'result.json');
  const { stdout } = await promisify(execFile)(process.execPath, [RUN, part, ...args, '--json', file]);
  console.log(stdout);
  const { results } = JSON.parse(readFileSync(file, 'utf8')) as { results: Record<string, { goals: Goal[] } | undefined> };
  rmSync(directory, { recursive: true });
  return results[part]?.goals ?? [];
}

describe('`npm start` as a whole', () => {
  it(
    'bills each call of a load once, breaks no stream, and stays within its processes and memory',
    async () => {
      const goals = await goalsOf('product', '--quick');
      // What depends on the machine's speed is measured, not tested.
      const firm = goals.filter(({ goal }) => /billed once|whole|processes$|MiB/.test(goal));
      expect(firm).toHaveLength(4);
      expect(firm.filter(({ isMet }) => !isMet)).toEqual([]);
    },
    PRODUCT_TIMEOUT_MS,
  );
});

describe('router and gateways as processes', () => {
  it.each([
    ['fail no call that had no byte yet when a region is killed under load, which comes back by a trickle', 'region-kill'],
    ['serve beside ten thousand idle connections', 'idle-connections'],
  ])(
    '%s',
    async (_guarantee, part) => {
      const goals = await goalsOf(part);
      expect(goals).toHaveLength(3);
      expect(goals.filter(({ isMet }) => !isMet)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

/** A busy machine has its say in times and ratios; how much a call leaves it has not. */
it(
  'a data directory with 50,000 calls in it starts, serves, and has at most 1,500 bytes of each',
  async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'ecolink-part-'));
    const file = path.join(directory, 'result.json');
    const { stdout } = await promisify(execFile)(process.execPath, [RUN, 'history', '--quick', '--json', file]);
    console.log(stdout);
    const { results } = JSON.parse(readFileSync(file, 'utf8')) as { results: Record<string, { goals: Goal[] } | undefined> };
    rmSync(directory, { recursive: true });
    expect(results['history']?.goals.find(({ goal }) => goal.includes('bytes a call'))).toMatchObject({ isMet: true });
  },
  TIMEOUT_MS,
);
