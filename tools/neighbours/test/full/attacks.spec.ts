import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const RUN = fileURLToPath(new URL('../../run.mjs', import.meta.url));
const TIMEOUT_MS = 600_000;
/** One of each kind: frames, pieces of HTTP, dear bodies, slow bodies, held slots. */
const ATTACKS = ['blank_lines', 'one_byte_chunks', 'escapes', 'slow_bodies', 'shared_slots'];
/** What a busy machine adds to both is not tested; who waits for the attackers waits for seconds. */
const WORST_MS = 2_000;
const RATIO_MAX = 20;

interface Seen {
  readonly calls: number;
  readonly failed: number;
  readonly p99_ms: number | null;
  readonly ttft_p99_ms: number | null;
}

interface Attack {
  readonly baseline: Seen;
  readonly attacked: Seen;
}

/** Its exit code says whether figures are met that mean something only on a machine that does nothing else. */
function run(...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [RUN, ...args], { timeout: TIMEOUT_MS }, (_error, stdout, stderr) => resolve(stdout + stderr));
  });
}

describe('a bystander beside four accounts that do their worst', () => {
  let attacks: Record<string, Attack | undefined>;
  let said: string;

  beforeAll(async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'ecolink-neighbours-'));
    const file = path.join(directory, 'neighbours.json');
    said = await run('--only', ATTACKS.join(','), '--seconds', '3', '--json', file);
    console.log(said);
    attacks = (JSON.parse(readFileSync(file, 'utf8')) as { attacks: typeof attacks }).attacks;
    rmSync(directory, { recursive: true });
  }, TIMEOUT_MS);

  it.each(ATTACKS)('loses no call and does not wait for them: %s', (name) => {
    const { baseline, attacked } = attacks[name] ?? {};
    expect(attacked).toMatchObject({ failed: 0 });
    expect(attacked?.calls).toBeGreaterThan(0);
    for (const figure of ['p99_ms', 'ttft_p99_ms'] as const)
      expect(attacked?.[figure] ?? Infinity).toBeLessThan(WORST_MS + RATIO_MAX * (baseline?.[figure] ?? 0));
  });
});
