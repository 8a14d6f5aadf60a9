// Mixed load for as long as asked for, and whether memory stays flat.
import { setTimeout as delay } from 'node:timers/promises';
import { KEY, startBed } from '../measure/bed.mjs';
import { Client } from '../measure/load.mjs';
import { residentBytes } from '../measure/processes.mjs';
import { median, percentile, rounded, slope } from '../measure/statistics.mjs';

const CALLERS = 8;
const PAUSE_MS = 40;
const STREAM = { frames: 20, intervalMs: 20 };
const ABANDONED_EVERY = 20;
const SAMPLE_MS = 5_000;
const MS_PER_MINUTE = 60_000;
const MIB = 1_048_576;
/** More than this over the last two thirds is not flat. */
const GROWTH_MIB_MAX = 16;

export async function run(options) {
  const bed = await startBed();
  const target = bed.bothRegions;
  const client = new Client({ ...target, key: KEY, concurrency: CALLERS * 2 });
  const counts = { calls: 0, streams: 0, wrong: 0, abandoned: 0 };
  const endsAt = performance.now() + options.minutes * MS_PER_MINUTE;
  const samples = [];
  try {
    const callers = Array.from({ length: CALLERS }, (_, index) => call(client, target, counts, endsAt, index));
    while (performance.now() < endsAt) {
      await delay(SAMPLE_MS);
      samples.push([performance.now() / MS_PER_MINUTE, ...target.pids.map((pid) => residentBytes(pid) / MIB)]);
    }
    await Promise.all(callers);
    return report(samples, counts, options);
  } finally {
    await client.close();
    await bed.stop();
  }
}

async function call(client, target, counts, endsAt, index) {
  for (let turn = index; performance.now() < endsAt; turn += 1) {
    if (turn % ABANDONED_EVERY === 0) await abandon(target, counts);
    else if (turn % 2 === 0) {
      const { isWhole } = await client.streamOne(STREAM);
      counts.streams += 1;
      if (!isWhole) counts.wrong += 1;
    } else {
      await client.callMany(1);
      counts.calls += 1;
    }
    await delay(PAUSE_MS);
  }
}

/** A client that leaves in the middle of its stream. */
async function abandon(target, counts) {
  const client = new Client({ ...target, key: KEY, concurrency: 1 });
  const stream = client.streamOne(STREAM).catch(() => undefined);
  await delay(STREAM.intervalMs * 5);
  await client.close();
  await stream;
  counts.abandoned += 1;
}

function report(samples, counts, { minutes }) {
  const settled = samples.slice(Math.floor(samples.length / 3));
  const spanMinutes = settled.at(-1)[0] - settled[0][0];
  const columns = ['', 'RSS MiB: first', 'median of the last two thirds', 'highest', 'growth over them by its slope'];
  const rows = ['router', 'gateway mv', 'gateway ga'].map((name, index) => {
    const values = settled.map((sample) => sample[index + 1]);
    const growth = slope(settled.map((sample) => [sample[0], sample[index + 1]])) * spanMinutes;
    return { name, first: samples[0][index + 1], middle: median(values), highest: percentile(values, 1), growth };
  });
  return {
    title: `${minutes} minutes of mixed load: ${counts.calls} calls, ${counts.streams} streams, ${counts.abandoned} left by their client`,
    columns,
    rows: rows.map(({ name, first, middle, highest, growth }) => [
      name,
      ...[first, middle, highest, growth].map((value) => rounded(value, 1)),
    ]),
    goals: [
      { goal: 'every stream whole', measured: `${counts.wrong} were not`, isMet: counts.wrong === 0 },
      ...rows.map(({ name, growth }) => ({
        goal: `${name}: memory flat (≤ ${GROWTH_MIB_MAX} MiB over the last two thirds)`,
        measured: `${rounded(growth, 1)} MiB`,
        isMet: growth <= GROWTH_MIB_MAX,
      })),
    ],
    samples,
  };
}
