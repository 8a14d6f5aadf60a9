// A router that knows 100,000 instances and 1,000,000 keys beside one that knows ten: start, memory, refresh, calls.
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '../measure/load.mjs';
import { cpuMs, residentBytes, startProcess } from '../measure/processes.mjs';
import { median, percentile, rounded } from '../measure/statistics.mjs';

const SIZES = {
  small: { instances: 10, keys: 10 },
  large: { instances: 100_000, keys: 1_000_000 },
  quick: { instances: 10_000, keys: 100_000 },
};
const SECRET = 'between-router-and-gateway';
/** Of each kind, with every refresh: some things change all the time. */
const CHANGES_PER_REFRESH = 20;
const CONCURRENCY = 16;
/** By then the first copy of the state is on disk. */
const FIRST_COPY_MS = 30_000;
/** Each holds one refresh of everything, and two of where calls go. */
const SLICE_MS = 10_000;
const IDLE_SLICES = 18;
const QUICK_IDLE_SLICES = 2;
/** The two routers take turns this often in a round: what the machine does for a moment meets both. */
const TURNS_PER_ROUND = 4;
const MIB = 1_048_576;
const MEMORY_MIB_MAX = 1_024;
const REFRESH_SHARE_MAX = 0.01;
/** Two runs of one and the same router differ by as much. */
const SAME_WITHIN = 1.15;
const US_PER_MS = 1_000;

export async function run(options) {
  const pod = await startProcess('pod', { ports: 1 });
  const direct = `http://127.0.0.1:${pod.ready.ports[0]}`;
  const beds = [];
  try {
    for (const name of ['small', options.isQuick ? 'quick' : 'large']) beds.push(await startSized(SIZES[name], direct));
    await Promise.all(beds.map((bed) => watchIdle(bed, options.isQuick ? QUICK_IDLE_SLICES : IDLE_SLICES)));
    for (const bed of beds) await callsOf(bed, options.calls);
    for (let turn = 0; turn < options.rounds * TURNS_PER_ROUND; turn += 1) {
      const order = turn % 2 === 0 ? beds : beds.toReversed();
      for (const bed of order) bed.turns.push(await callsOf(bed, Math.ceil(options.calls / TURNS_PER_ROUND)));
    }
    for (const bed of beds) bed.liveBytes = await bed.router.liveBytes();
    return report(beds, options);
  } finally {
    for (const bed of beds) await bed.stop();
    await pod.stop();
  }
}

async function startSized(size, direct) {
  const owners = await startProcess('many-owners', { ...size, direct, changesPerRefresh: CHANGES_PER_REFRESH });
  const startedAtMs = performance.now();
  const router = await startProcess('router', { secret: SECRET, owners: owners.ready.url }, ['--expose-gc']);
  const startMs = performance.now() - startedAtMs;
  await delay(FIRST_COPY_MS);
  const stop = () => Promise.all([router.stop(), owners.stop()]);
  return { size, router, startMs, stop, turns: [] };
}

/**
 * The part of one core that the router uses while nobody calls it. The median slice is what refreshes cost; the mean holds
 * collections of the whole heap as well, of which there is one in some minutes.
 */
async function watchIdle(bed, slices) {
  const shares = [];
  for (let slice = 0; slice < slices; slice += 1) {
    const before = cpuMs([bed.router.pid]);
    const startedAtMs = performance.now();
    await delay(SLICE_MS);
    shares.push((cpuMs([bed.router.pid]) - before) / (performance.now() - startedAtMs));
  }
  bed.refreshShare = median(shares);
  bed.idleShare = shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

async function callsOf({ size, router }, calls) {
  // The last ones: as far from the beginning as any.
  const client = new Client({
    origin: `http://127.0.0.1:${router.ready.port}`,
    key: `eco_bench_${size.keys - 1}`,
    model: `m:${accountsInstance(size)}`,
    concurrency: CONCURRENCY,
  });
  const before = cpuMs([router.pid]);
  const { durations } = await client.callMany(calls);
  const cpuUs = ((cpuMs([router.pid]) - before) * US_PER_MS) / calls;
  await client.close();
  return { durations, p50Ms: percentile(durations, 0.5), p99Ms: percentile(durations, 0.99), cpuUs };
}

/** An instance of the account that the last key belongs to. */
function accountsInstance({ instances, keys }) {
  const accounts = Math.ceil(keys / 10);
  const account = (keys - 1) % accounts;
  return (account % instances) + 1;
}

function report(beds, options) {
  const of = (bed, name) => median(bed.turns.map((turn) => turn[name]));
  const [small, large] = beds;
  const memoryMib = residentBytes(large.router.pid) / MIB;
  const ratio = of(large, 'p99Ms') / of(small, 'p99Ms');
  const ofAll = (bed) =>
    percentile(
      bed.turns.flatMap(({ durations }) => durations),
      0.99,
    );
  return {
    title: `Scale of the routing table (${options.rounds * TURNS_PER_ROUND} turns of ${Math.ceil(options.calls / TURNS_PER_ROUND)} calls, ${CONCURRENCY} at a time; medians of turns)`,
    columns: [
      'instances',
      'keys',
      'start s',
      'memory MiB',
      'alive MiB',
      'refresh, % of a core',
      'idle, % of a core',
      'p50 ms',
      'p99 ms',
      'p99 of all, ms',
      'CPU µs/call',
    ],
    rows: beds.map((bed) => [
      bed.size.instances,
      bed.size.keys,
      rounded(bed.startMs / 1_000, 1),
      rounded(residentBytes(bed.router.pid) / MIB, 0),
      rounded(bed.liveBytes / MIB, 0),
      rounded(bed.refreshShare * 100),
      rounded(bed.idleShare * 100),
      rounded(of(bed, 'p50Ms')),
      rounded(of(bed, 'p99Ms')),
      rounded(ofAll(bed)),
      rounded(of(bed, 'cpuUs'), 1),
    ]),
    goals: [
      { goal: `memory ≤ ${MEMORY_MIB_MAX} MiB`, measured: `${rounded(memoryMib, 0)} MiB`, isMet: memoryMib <= MEMORY_MIB_MAX },
      {
        goal: `refresh ≤ ${REFRESH_SHARE_MAX * 100} % of a core`,
        measured: `${rounded(large.refreshShare * 100)} %`,
        isMet: large.refreshShare <= REFRESH_SHARE_MAX,
      },
      {
        goal: `p99 of calls as with ten (within ${SAME_WITHIN} ×)`,
        measured: `${rounded(ratio)} × (of all calls ${rounded(ofAll(large) / ofAll(small))} ×)`,
        isMet: ratio <= SAME_WITHIN,
      },
    ],
    notes: [
      `p99 by turn, ms: ${beds.map((bed) => bed.turns.map(({ p99Ms }) => rounded(p99Ms, 1)).join(', ')).join(' and ')}`,
      `With every refresh ${CHANGES_PER_REFRESH} of each kind have changed. Start includes Node's own.`,
    ],
  };
}
