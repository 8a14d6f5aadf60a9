// What one call costs on each way to the same pod, streaming and not. Rounds are interleaved, figures are medians of rounds.
import { KEY, startBed } from '../measure/bed.mjs';
import { Client } from '../measure/load.mjs';
import { machineCpuMs } from '../measure/machine.mjs';
import { cpuMs } from '../measure/processes.mjs';
import { median, percentile, rounded } from '../measure/statistics.mjs';

const CONCURRENCY = 16;
/** A process that has had fewer than about 16,000 calls pays up to twice for each: V8 is still compiling. */
const WARM_UP_SHARE = 1.5;
const STREAM = { frames: 40, intervalMs: 5 };
/** Streams of a round, for so many calls of it. */
const CALLS_PER_STREAM = 25;
const US_PER_MS = 1_000;

const GOAL = { oneHop: 1.5, oneHopAim: 1.25, twoHops: 2.6, ttftP50Ms: 1, ttftP99: 3 };

export async function run(options) {
  const bed = await startBed();
  const rounds = new Map(bed.targets.map(({ name }) => [name, []]));
  const others = [];
  try {
    for (const target of bed.targets) await measure(target, Math.round(options.calls * WARM_UP_SHARE));
    for (let round = 0; round < options.rounds; round += 1) {
      for (const target of bed.targets) {
        const before = { machine: machineCpuMs(), own: cpuMs(bed.ownPids), at: performance.now() };
        rounds.get(target.name).push(await measure(target, options.calls));
        const foreignMs = machineCpuMs() - before.machine - (cpuMs(bed.ownPids) - before.own);
        others.push(foreignMs / (performance.now() - before.at));
      }
    }
  } finally {
    await bed.stop();
  }
  return report(bed, rounds, others, options);
}

async function measure(target, calls) {
  const client = new Client({ ...target, key: KEY, concurrency: CONCURRENCY });
  try {
    const whole = await timed(target, () => client.callMany(calls));
    const streams = Math.max(CONCURRENCY, Math.round(calls / CALLS_PER_STREAM));
    const streamed = await timed(target, () => client.streamMany(streams, STREAM));
    if (streamed.result.wrong > 0) throw new Error(`${target.name}: ${streamed.result.wrong} streams were not whole`);
    return {
      cpuUs: (whole.cpuMs * US_PER_MS) / calls,
      routerCpuUs: (whole.routerCpuMs * US_PER_MS) / calls,
      callsPerSecond: (calls * 1_000) / whole.result.elapsedMs,
      p50: percentile(whole.result.durations, 0.5),
      p99: percentile(whole.result.durations, 0.99),
      streamCpuUs: (streamed.cpuMs * US_PER_MS) / streams,
      ttftP50: percentile(streamed.result.firstFrames, 0.5),
      ttftP99: percentile(streamed.result.firstFrames, 0.99),
      gapP50: percentile(streamed.result.gaps, 0.5),
      gapP99: percentile(streamed.result.gaps, 0.99),
    };
  } finally {
    await client.close();
  }
}

async function timed({ pids, routerPid }, work) {
  const before = [cpuMs(pids), routerPid === undefined ? 0 : cpuMs([routerPid])];
  const result = await work();
  return { result, cpuMs: cpuMs(pids) - before[0], routerCpuMs: routerPid === undefined ? 0 : cpuMs([routerPid]) - before[1] };
}

function report(bed, rounds, others, options) {
  const figures = Object.fromEntries(
    [...rounds].map(([name, all]) => [
      name[0],
      Object.fromEntries(Object.keys(all[0]).map((field) => [field, median(all.map((one) => one[field]))])),
    ]),
  );
  const { a, b, c, e } = figures;
  const added = (one) => ({ p50: one.ttftP50 - a.ttftP50, p99: one.ttftP99 - a.ttftP99 });
  return {
    title: `A call of about 400 bytes, ${CONCURRENCY} at a time (${options.rounds} interleaved rounds of ${options.calls} calls, medians)`,
    columns: [
      '',
      'CPU/call µs',
      'router’s',
      '× bare',
      'calls/s',
      'p50 ms',
      'p99 ms',
      'CPU/stream µs',
      '× bare ',
      'TTFT p50',
      'p99',
      'gap p50',
      'gap p99',
    ],
    rows: [...rounds.keys()].map((name) => rowOf(name, figures[name[0]], b)),
    goals: [
      ratioGoal(`CPU of c ≤ ${GOAL.oneHop} × b (aim ${GOAL.oneHopAim})`, c.cpuUs / b.cpuUs, GOAL.oneHop),
      ratioGoal(`CPU of e ≤ ${GOAL.twoHops} × b`, e.cpuUs / b.cpuUs, GOAL.twoHops),
      ratioGoal(`CPU of a stream of ${STREAM.frames} frames, c ≤ ${GOAL.oneHop} × b`, c.streamCpuUs / b.streamCpuUs, GOAL.oneHop),
      ratioGoal(
        `CPU of a stream of ${STREAM.frames} frames, e ≤ ${GOAL.twoHops} × b`,
        e.streamCpuUs / b.streamCpuUs,
        GOAL.twoHops,
      ),
      {
        goal: `added TTFT p50 of e ≤ ${GOAL.ttftP50Ms} ms at ${CONCURRENCY} streams`,
        measured: `${rounded(added(e).p50)} ms`,
        isMet: added(e).p50 <= GOAL.ttftP50Ms,
      },
      {
        goal: `added TTFT p99 of e ≤ ${GOAL.ttftP99} × that of b`,
        measured: `${rounded(added(e).p99)} ms, b ${rounded(added(b).p99)} ms`,
        isMet: added(e).p99 <= GOAL.ttftP99 * Math.max(added(b).p99, 0),
      },
    ],
    notes: [
      `a to e: the pod itself, a bare Node \`http\` + undici proxy, the router with everything on, nginx, router and region gateway. The router's bus acknowledges in the process; keys, limits, reservation, metering, journal, log and metrics are as in production.`,
      `what else the machine was doing: ${rounded(median(others))} cores at the median of all measurements, ${rounded(Math.max(...others))} at most`,
      ...(bed.hasNginx ? [] : ['d is missing: nginx is not on the PATH']),
    ],
    figures,
  };
}

function rowOf(name, one, bare) {
  const isProxy = one.cpuUs > 0;
  return [
    name,
    isProxy ? rounded(one.cpuUs, 1) : null,
    one.routerCpuUs > 0 ? rounded(one.routerCpuUs, 1) : null,
    isProxy ? rounded(one.cpuUs / bare.cpuUs) : null,
    Math.round(one.callsPerSecond),
    ...[one.p50, one.p99].map((value) => rounded(value)),
    isProxy ? Math.round(one.streamCpuUs) : null,
    isProxy ? rounded(one.streamCpuUs / bare.streamCpuUs) : null,
    ...[one.ttftP50, one.ttftP99, one.gapP50, one.gapP99].map((value) => rounded(value)),
  ];
}

function ratioGoal(goal, ratio, limit) {
  return { goal, measured: `${rounded(ratio)} ×`, isMet: ratio <= limit };
}
