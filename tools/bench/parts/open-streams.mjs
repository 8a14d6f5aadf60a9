// Thousands of streams open at once: every frame, in order, and what each costs in memory.
import { setTimeout as delay } from 'node:timers/promises';
import { KEY, startBed } from '../measure/bed.mjs';
import { Client } from '../measure/load.mjs';
import { residentBytes } from '../measure/processes.mjs';
import { median, rounded } from '../measure/statistics.mjs';

const STREAMS = 5_000;
const QUICK_STREAMS = 500;
const STREAM = { frames: 40, intervalMs: 1_000 };
const OPENED_PER_TICK = 25;
const TICK_MS = 50;
const PODS_PER_REGION = 4;
const SAMPLES = 5;
const GOAL = 1.6;
const KIB = 1_024;

export async function run(options) {
  const count = options.isQuick ? QUICK_STREAMS : STREAMS;
  const bed = await startBed({ podsPerRegion: PODS_PER_REGION });
  try {
    const results = {};
    for (const letter of ['b', 'e']) {
      const target = letter === 'e' ? bed.bothRegions : bed.targets.find(({ name }) => name.startsWith(letter));
      results[letter] = await openMany(target, count);
    }
    return report(results, count);
  } finally {
    await bed.stop();
  }
}

async function openMany(target, count) {
  const client = new Client({ ...target, key: KEY, concurrency: count });
  await client.callMany(500);
  const before = new Map(target.pids.map((pid) => [pid, residentBytes(pid)]));
  const streams = [];
  for (let opened = 0; opened < count; opened += OPENED_PER_TICK) {
    for (let index = 0; index < OPENED_PER_TICK; index += 1) streams.push(client.streamOne(STREAM));
    await delay(TICK_MS);
  }
  const samples = new Map(target.pids.map((pid) => [pid, []]));
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    await delay(2_000);
    for (const pid of target.pids) samples.get(pid).push(residentBytes(pid));
  }
  const ended = await Promise.allSettled(streams);
  await client.close();
  const whole = ended.filter(({ value }) => value?.isWhole === true).length;
  const gaps = ended.flatMap(({ value }) => value?.gaps ?? []);
  const kibPerStream = target.pids.map((pid) => (median(samples.get(pid)) - before.get(pid)) / count / KIB);
  return { whole, failed: count - whole, kibPerStream, worstGapMs: gaps.reduce((worst, gap) => Math.max(worst, gap), 0) };
}

function report({ b, e }, count) {
  const ratio = e.kibPerStream[0] / b.kibPerStream[0];
  return {
    title: `${count} streams open at once, ${STREAM.frames} frames each, one a second`,
    columns: ['', 'whole and in order', 'KiB/stream', 'of it each gateway', 'longest gap ms'],
    rows: [
      ['b. bare proxy', b.whole, rounded(b.kibPerStream[0], 1), null, Math.round(b.worstGapMs)],
      [
        'e. router, both gateways',
        e.whole,
        rounded(e.kibPerStream[0], 1),
        e.kibPerStream
          .slice(1)
          .map((one) => rounded(one, 1))
          .join(' + '),
        Math.round(e.worstGapMs),
      ],
    ],
    goals: [
      {
        goal: `${count} streams through router and gateways, every frame in order`,
        measured: `${e.whole} whole`,
        isMet: e.failed === 0,
      },
      { goal: `memory per stream in the router ≤ ${GOAL} × bare`, measured: `${rounded(ratio)} ×`, isMet: ratio <= GOAL },
    ],
    notes: [
      'Memory is what the process grew by from before the first stream, while all of them were open. A gateway holds half of the streams.',
    ],
  };
}
