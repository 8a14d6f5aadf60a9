// What the limits of a key (instances, models, endpoints, regions, networks, an expiry, a tag) cost a call of one hop: the same router and
// pod, the same account, by turns with a key that has all of them and one that has none.
import { KEY, NARROW_KEY, startBed } from '../measure/bed.mjs';
import { Client } from '../measure/load.mjs';
import { machineCpuMs } from '../measure/machine.mjs';
import { cpuMs } from '../measure/processes.mjs';
import { median, rounded } from '../measure/statistics.mjs';

const CONCURRENCY = 16;
/** As for `gateway`: before, V8 is still compiling. */
const WARM_UP_SHARE = 1.5;
/** Pairs of short turns: what else the machine does falls on both keys alike. */
const PAIRS_PER_ROUND = 8;
const US_PER_MS = 1_000;
const GOAL = 1.02;

export async function run(options) {
  const bed = await startBed();
  const target = bed.targets.find(({ name }) => name.startsWith('c.'));
  const costs = { without: [], with: [] };
  const ratios = [];
  const others = [];
  try {
    for (const key of [KEY, NARROW_KEY]) await measure(target, key, Math.round(options.calls * WARM_UP_SHARE));
    const calls = Math.max(1_000, Math.round(options.calls / PAIRS_PER_ROUND));
    for (let pair = 0; pair < options.rounds * PAIRS_PER_ROUND; pair += 1) {
      const before = { machine: machineCpuMs(), own: cpuMs(bed.ownPids), at: performance.now() };
      const order = pair % 2 === 0 ? ['without', 'with'] : ['with', 'without'];
      const turn = {};
      for (const which of order) turn[which] = await measure(target, which === 'with' ? NARROW_KEY : KEY, calls);
      for (const which of order) costs[which].push(turn[which]);
      ratios.push(turn.with / turn.without);
      others.push((machineCpuMs() - before.machine - (cpuMs(bed.ownPids) - before.own)) / (performance.now() - before.at));
    }
  } finally {
    await bed.stop();
  }
  return report(costs, ratios, others);
}

/** Microseconds of the router's processor time for a call. Throws where a call was refused. */
async function measure(target, key, calls) {
  const client = new Client({ ...target, key, concurrency: CONCURRENCY });
  try {
    const before = cpuMs(target.pids);
    await client.callMany(calls);
    return ((cpuMs(target.pids) - before) * US_PER_MS) / calls;
  } finally {
    await client.close();
  }
}

function report(costs, ratios, others) {
  const [without, limited] = [median(costs.without), median(costs.with)];
  const sorted = [...ratios].sort((left, right) => left - right);
  const quartiles = [sorted[Math.floor(sorted.length / 4)], sorted[Math.floor((sorted.length * 3) / 4)]];
  return {
    title: `The limits of a key, one hop, ${CONCURRENCY} at a time (${ratios.length} interleaved pairs, medians)`,
    columns: ['', 'CPU/call µs', '× without'],
    rows: [
      ['a key without limits', rounded(without, 1), 1],
      ['a key with limits of every kind', rounded(limited, 1), rounded(median(ratios), 3)],
    ],
    goals: [
      {
        goal: `CPU with limits ≤ ${GOAL} × without (median of the pairs)`,
        measured: `${rounded(median(ratios), 3)} × (quartiles ${quartiles.map((value) => rounded(value, 3)).join(' and ')})`,
        isMet: median(ratios) <= GOAL,
      },
    ],
    notes: [
      `what else the machine was doing: ${rounded(median(others))} cores at the median, ${rounded(Math.max(...others))} at most`,
    ],
    figures: { without, limited, ratios },
  };
}
