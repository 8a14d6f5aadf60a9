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
const SAMPLE_MS = 15_000;
const MS_PER_MINUTE = 60_000;
const MIB = 1_048_576;
/** What is alive may differ by what is in flight; more than this over the last two thirds is not flat. */
const GROWTH_MIB_MAX = 4;

export async function run(options) {
  const bed = await startBed({ nodeOptions: ['--expose-gc'] });
  const target = bed.bothRegions;
  const client = new Client({ ...target, key: KEY, concurrency: CALLERS * 2 });
  const counts = { calls: 0, streams: 0, wrong: 0, abandoned: 0 };
  const endsAt = performance.now() + options.minutes * MS_PER_MINUTE;
  const samples = [];
  try {
    const callers = Array.from({ length: CALLERS }, (_, index) => call(client, target, counts, endsAt, index));
    while (performance.now() < endsAt) {
      await delay(SAMPLE_MS);
      samples.push(await sample([bed.router, ...bed.gateways]));
    }
    await Promise.all(callers);
    return report(samples, counts, options);
  } finally {
    await client.close();
    await bed.stop();
  }
}

async function sample(processes) {
  const live = [];
  for (const one of processes) live.push((await one.liveBytes()) / MIB);
  return { atMinutes: performance.now() / MS_PER_MINUTE, live, resident: processes.map(({ pid }) => residentBytes(pid) / MIB) };
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
  const spanMinutes = settled.at(-1).atMinutes - settled[0].atMinutes;
  const rows = ['router', 'gateway mv', 'gateway ga'].map((name, index) => {
    const live = settled.map((one) => one.live[index]);
    const growth = slope(settled.map((one) => [one.atMinutes, one.live[index]])) * spanMinutes;
    return {
      name,
      first: samples[0].live[index],
      middle: median(live),
      highest: percentile(live, 1),
      growth,
      resident: residentOf(settled, index),
    };
  });
  return {
    title: `${minutes} minutes of mixed load: ${counts.calls} calls, ${counts.streams} streams, ${counts.abandoned} left by their client`,
    columns: [
      '',
      'live MiB: first',
      'median of the last two thirds',
      'highest',
      'growth over them by its slope',
      'resident MiB, median and highest',
    ],
    rows: rows.map(({ name, first, middle, highest, growth, resident }) => [
      name,
      ...[first, middle, highest, growth].map((value) => rounded(value, 1)),
      resident,
    ]),
    goals: [
      { goal: 'every stream whole', measured: `${counts.wrong} were not`, isMet: counts.wrong === 0 },
      ...rows.map(({ name, growth }) => ({
        goal: `${name}: memory flat (≤ ${GROWTH_MIB_MAX} MiB over the last two thirds)`,
        measured: `${rounded(growth, 1)} MiB`,
        isMet: growth <= GROWTH_MIB_MAX,
      })),
    ],
    notes: [
      'live: what is left after a full collection, every 15 s; resident: what the process holds of the machine, which V8 gives back late or never',
    ],
    samples,
  };
}

function residentOf(settled, index) {
  const values = settled.map((one) => one.resident[index]);
  return `${rounded(median(values), 0)}, ${rounded(percentile(values, 1), 0)}`;
}
