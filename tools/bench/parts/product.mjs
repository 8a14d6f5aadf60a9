// `npm start` as a user runs it, everything on: what a call costs all its processes and PostgreSQL, beside the bare proxy in the
// same run; what it weighs, does while idle, and how long it takes to start.
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '../measure/load.mjs';
import { cpuMs, end, processTree, proportionalBytes, startProcess } from '../measure/processes.mjs';
import { median, percentile, rounded } from '../measure/statistics.mjs';
import { PRICE_NANO_USD, WholeProduct } from '../measure/whole-product.mjs';
import { wrk } from '../measure/wrk.mjs';
import { report } from './product-report.mjs';

const CONNECTIONS = 32;
const STREAMS_AT_ONCE = 16;
const STREAM = { frames: 40, intervalMs: 5 };
const TOP_STATEMENTS = 12;
const PEER_START_MS = 15_000;
const MIB = 1_048_576;

export async function run(options) {
  const length = options.isQuick
    ? { wrkSeconds: 3, idleSeconds: 5, restSeconds: 10, streams: 64, calls: 200 }
    : { wrkSeconds: 10, idleSeconds: 30, restSeconds: 10, streams: 500, calls: 1_000 };
  const pod = await startProcess('pod');
  const upstream = `http://127.0.0.1:${pod.ready.ports[0]}`;
  const bare = await startProcess('bare-proxy', { upstream });
  const product = new WholeProduct(options.root);
  let peer;
  try {
    const coldStartMs = await product.start();
    await product.launch(upstream);
    await product.untilCallable();
    await product.countStatements();
    await product.stop();
    const warmStartMs = await product.start();
    await delay(length.restSeconds * 1_000);
    await product.forgetStatements();
    const idle = await idleShares(product, length.idleSeconds);
    const idleStatements = { seconds: length.idleSeconds, ...(await product.statements(TOP_STATEMENTS)) };
    const weight = weigh(product);
    await product.untilCallable();

    peer = options.peer === undefined ? undefined : await startPeer(options.peer, upstream);
    const targets = [
      {
        name: 'bare proxy',
        origin: `http://127.0.0.1:${bare.ready.port}`,
        key: 'k',
        model: 'm',
        processes: () => [{ pid: bare.pid, name: 'bare proxy' }],
      },
      ...(peer === undefined ? [] : [{ name: 'peer', origin: peer.origin, key: 'k', model: 'm', processes: peer.processes }]),
      { name: 'product', origin: product.origin, ...product.account, processes: () => product.processes(), product },
    ];
    const first = await eachTarget(targets, (target) => streams(target, length.streams));
    // The first calls of each go into no figure.
    for (const target of targets) await oneRound(target, length.wrkSeconds);
    const rounds = [];
    for (let round = 0; round < options.rounds; round += 1)
      rounds.push(await eachTarget(targets, (target) => oneRound(target, length.wrkSeconds)));
    const single = await eachTarget(targets, (target) => oneConnection(target, length.calls));
    const warm = await eachTarget(targets, (target) => streams(target, length.streams));
    return report({
      targets,
      coldStartMs,
      warmStartMs,
      idle,
      idleStatements,
      weight,
      first,
      rounds,
      single,
      warm,
      loaded: weigh(product),
      options,
    });
  } finally {
    if (peer !== undefined) await end(peer.child);
    await product.remove();
    await bare.stop();
    await pod.stop();
  }
}

async function eachTarget(targets, measure) {
  const results = {};
  for (const target of targets) results[target.name] = await measure(target);
  return results;
}

/** One round of load, with all processor time until billing has caught up. */
async function oneRound(target, seconds) {
  const { product } = target;
  const paidBefore = product === undefined ? 0n : await product.untilSettled();
  await product?.forgetStatements();
  const before = cpuByName(target.processes());
  const load = await wrk({ ...target, connections: CONNECTIONS, seconds });
  const paid = product === undefined ? 0n : (await product.untilSettled()) - paidBefore;
  const used = difference(cpuByName(target.processes()), before);
  const perCall = Object.fromEntries(Object.entries(used).map(([name, ms]) => [name, (ms * 1_000) / load.calls]));
  const statements = await product?.statements(TOP_STATEMENTS);
  return {
    ...load,
    perCall,
    cpuUs: Object.values(perCall).reduce((sum, us) => sum + us, 0),
    billed: Number(paid / PRICE_NANO_USD),
    statements,
  };
}

/** Processor time so far of processes that have the same name. */
function cpuByName(processes) {
  const sums = {};
  for (const { pid, name } of processes) sums[name] = (sums[name] ?? 0) + cpuMs([pid]);
  return sums;
}

function difference(after, before) {
  return Object.fromEntries(Object.entries(after).map(([name, ms]) => [name, Math.max(0, ms - (before[name] ?? 0))]));
}

/** Share of a core that each kind of process uses while nothing calls. */
async function idleShares(product, seconds) {
  const before = cpuByName(product.processes());
  const startedAtMs = performance.now();
  await delay(seconds * 1_000);
  const used = difference(cpuByName(product.processes()), before);
  const elapsedMs = performance.now() - startedAtMs;
  return Object.fromEntries(Object.entries(used).map(([name, ms]) => [name, ms / elapsedMs]));
}

/** By name: how many processes, and their MiB. */
function weigh(product) {
  const weights = {};
  for (const { pid, name } of product.processes()) {
    const weight = (weights[name] ??= { processes: 0, mib: 0 });
    weight.processes += 1;
    weight.mib += proportionalBytes(pid) / MIB;
  }
  return weights;
}

async function oneConnection(target, calls) {
  const client = new Client({ ...target, concurrency: 1 });
  await client.callMany(Math.ceil(calls / 5));
  const { durations } = await client.callMany(calls);
  await client.close();
  return { p50Ms: median(durations), p99Ms: percentile(durations, 0.99) };
}

async function streams(target, count) {
  const client = new Client({ ...target, concurrency: STREAMS_AT_ONCE });
  const { firstFrames, wrong } = await client.streamMany(count, STREAM);
  await client.close();
  return { count, wrong, p50Ms: median(firstFrames), p99Ms: percentile(firstFrames, 0.99) };
}

/** Another proxy before the same pod, by a command of the user's that is told UPSTREAM_URL and PORT. */
async function startPeer(command, upstream) {
  const port = 20_000 + (process.pid % 10_000);
  const environment = { ...process.env, UPSTREAM_URL: upstream, PORT: String(port) };
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], { stdio: ['ignore', 'ignore', 'inherit'], env: environment });
  const origin = `http://127.0.0.1:${port}`;
  const endsAtMs = performance.now() + PEER_START_MS;
  while (
    !(await fetch(origin).then(
      () => true,
      () => false,
    ))
  ) {
    if (performance.now() > endsAtMs || child.exitCode !== null) throw new Error(`the peer does not listen on port ${port}`);
    await delay(100);
  }
  return { child, origin, processes: () => processTree(child.pid).map((pid) => ({ pid, name: 'peer' })) };
}
