// What one account sees that does nothing but call its own model.
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '../bench/measure/load.mjs';
import { percentile, rounded } from '../bench/measure/statistics.mjs';

const STREAM = { frames: 3, intervalMs: 5 };
const PAUSE_MS = 20;
const RATIO_MAX = 2;
const QUIET_MS = 25;
const P99_MAX_MS = 50;

/** Calls of 400 bytes and short streams, one after the other, at an easy pace. */
export async function bystander({ origin, key, model }, seconds) {
  const client = new Client({ origin, key, model, concurrency: 4 });
  const [durations, firstFrames] = [[], []];
  let failed = 0;
  const endsAt = performance.now() + seconds * 1_000;
  for (let turn = 0; performance.now() < endsAt; turn += 1) {
    const startedAt = performance.now();
    const one = await (turn % 3 === 2 ? client.streamOne(STREAM) : client.callOne()).catch(() => ({ isWhole: false }));
    if (!one.isWhole) failed += 1;
    else if (turn % 3 === 2) firstFrames.push(one.firstFrameMs);
    else durations.push(performance.now() - startedAt);
    await delay(PAUSE_MS);
  }
  await client.close();
  return {
    calls: durations.length,
    failed,
    p50_ms: rounded(percentile(durations, 0.5)),
    p99_ms: rounded(percentile(durations, 0.99)),
    ttft_p50_ms: rounded(percentile(firstFrames, 0.5)),
    ttft_p99_ms: rounded(percentile(firstFrames, 0.99)),
  };
}

/** Within twice the baseline, and below 50 ms wherever the baseline is below 25 ms. */
export function isMet(baseline, attacked) {
  // Without a single call that came through there is nothing to compare.
  const within = (key) =>
    attacked[key] !== null &&
    baseline[key] !== null &&
    attacked[key] <= RATIO_MAX * baseline[key] &&
    (baseline[key] >= QUIET_MS || attacked[key] < P99_MAX_MS);
  return attacked.failed === 0 && within('p99_ms') && within('ttft_p99_ms');
}
