import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PRELOAD = fileURLToPath(new URL('skewed-clock.mjs', import.meta.url));

/** One router's clock goes wrong by so many seconds, and later right again. */
export async function skewClock(cluster, { target, seconds, skewSeconds }) {
  const from = new Date().toISOString();
  await cluster.restartHard(target, {
    NODE_OPTIONS: `--import=${PRELOAD}`,
    CLOCK_SKEW_MS: String(skewSeconds * 1_000),
  });
  await delay(seconds * 1_000);
  await cluster.restartHard(target);
  return { from };
}
