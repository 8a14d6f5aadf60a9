// Whether anything grows with history: the same product on a data directory with many calls in it, and on one with hardly any.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fillHistory, TABLES } from '../measure/fill-history.mjs';
import { Client } from '../measure/load.mjs';
import { startOwnProduct } from '../measure/own-product.mjs';
import { startProcess } from '../measure/processes.mjs';
import { median, percentile, rounded } from '../measure/statistics.mjs';

const CALLS = 1_000_000;
const QUICK_CALLS = 50_000;
const CONCURRENCY = 32;
const STREAMS_AT_ONCE = 16;
const STREAM = { frames: 10, intervalMs: 5 };
const SETTLE_MS = 10_000;
const IDLE_SECONDS = 20;
const IDLE_SHARE_MAX = 0.03;
const RATIO_MAX = 1.1;
const START_RATIO_MAX = 1.2;
const BYTES_MAX = 1_500;

export async function run(options) {
  const calls = options.isQuick ? QUICK_CALLS : CALLS;
  const root = mkdtempSync(path.join(tmpdir(), 'ecolink-bench-history-'));
  const [empty, full] = [path.join(root, 'empty'), path.join(root, 'full')];
  const pod = await startProcess('pod');
  try {
    const model = await prepare(options, empty, `http://127.0.0.1:${pod.ready.ports[0]}`);
    cpSync(empty, full, { recursive: true, filter: (file) => !file.endsWith('postmaster.pid') });
    const fillStartedMs = performance.now();
    const bytes = await fillHistory(path.join(full, 'postgres'), { calls, model });
    const fillSeconds = (performance.now() - fillStartedMs) / 1_000;
    const turns = { empty: [], full: [] };
    for (let round = 0; round < options.rounds; round += 1) {
      // In turn first and second, so that what the machine does meanwhile is no advantage.
      const order = round % 2 === 0 ? ['empty', 'full'] : ['full', 'empty'];
      for (const name of order) turns[name].push(await oneTurn(options, name === 'empty' ? empty : full, model));
    }
    return report({ calls, bytes, fillSeconds, turns, rounds: options.rounds });
  } finally {
    await pod.stop();
    rmSync(root, { recursive: true, force: true });
  }
}

/** A first start with its demo, an instance of our own, and some calls that the history is made of. */
async function prepare(options, directory, podUrl) {
  const product = await startOwnProduct(options.root, directory);
  try {
    const model = await product.launchPriced(podUrl);
    const client = clientOf(product, model, 1);
    await client.callMany(20);
    await client.close();
    // The ledger has them all, and the bus what was posted.
    for (let left = 100; left > 0; left -= 1) {
      const { data } = await product.manage('GET', '/billing/calls?limit=100');
      if (data.length >= 20) return model;
      await delay(100);
    }
    throw new Error('calls were not billed in time');
  } finally {
    await product.stop();
  }
}

function clientOf(product, model, concurrency) {
  return new Client({ origin: product.origin, key: product.credentials.api_key, model, concurrency });
}

async function oneTurn(options, directory, model) {
  const product = await startOwnProduct(options.root, directory);
  try {
    await product.untilServed(model);
    const many = clientOf(product, model, CONCURRENCY);
    const few = clientOf(product, model, STREAMS_AT_ONCE);
    const count = options.isQuick ? 1_500 : 6_000;
    await many.callMany(count / 3);
    await delay(SETTLE_MS);
    const idle = await product.idleShare(IDLE_SECONDS);
    const called = await many.callMany(count);
    await delay(SETTLE_MS / 5);
    const streamed = await few.streamMany(options.isQuick ? 320 : 800, STREAM);
    await many.close();
    await few.close();
    if (streamed.wrong > 0) throw new Error(`${streamed.wrong} streams were not whole`);
    return {
      startMs: product.startedInMs,
      idle,
      callsPerSecond: (count * 1_000) / called.elapsedMs,
      ttftP50: percentile(streamed.firstFrames, 0.5),
      ttftP99: percentile(streamed.firstFrames, 0.99),
    };
  } finally {
    await product.stop();
  }
}

function report({ calls, bytes, fillSeconds, turns, rounds }) {
  const of = (name, field) => median(turns[name].map((turn) => turn[field]));
  const ratio = (field) => of('full', field) / of('empty', field);
  const kept = TABLES.filter(({ isKept }) => isKept).reduce((sum, { name }) => sum + bytes[name], 0) / calls;
  const row = (title, field, scale = 1, digits = 1) => [
    title,
    ...['empty', 'full'].map((name) => rounded(of(name, field) * scale, digits)),
    rounded(ratio(field), 2),
    ['empty', 'full'].map((name) => turns[name].map((turn) => rounded(turn[field] * scale, digits)).join(' ')).join(' | '),
  ];
  const within = (goal, value, max) => ({ goal, measured: rounded(value, 2), isMet: value <= max });
  return {
    title: `A data directory with ${calls} calls against an empty one (${rounds} rounds each, medians)`,
    columns: ['', 'empty', `${calls} calls`, '×', 'each round: empty | full'],
    rows: [
      row('idle, % of a core', 'idle', 100, 2),
      row('calls/s, 32 at once', 'callsPerSecond', 1, 0),
      row('TTFT p50 of 16 streams, ms', 'ttftP50', 1, 2),
      row('TTFT p99, ms', 'ttftP99', 1, 2),
      row('warm start, s', 'startMs', 0.001, 2),
    ],
    goals: [
      within('idle ≤ 3 % of a core on an empty directory, %', of('empty', 'idle') * 100, IDLE_SHARE_MAX * 100),
      within('idle ≤ 3 % of a core over the history, %', of('full', 'idle') * 100, IDLE_SHARE_MAX * 100),
      within('calls/s within 1.1 ×', 1 / ratio('callsPerSecond'), RATIO_MAX),
      within('TTFT p50 within 1.1 ×', ratio('ttftP50'), RATIO_MAX),
      within('TTFT p99 within 1.1 ×', ratio('ttftP99'), RATIO_MAX),
      within('warm start within 1.2 ×', ratio('startMs'), START_RATIO_MAX),
      within('≤ 1500 bytes a call once retentions are over', kept, BYTES_MAX),
    ],
    notes: [
      `Bytes a call, indexes included: ${TABLES.map(({ name }) => `${name} ${rounded(bytes[name] / calls, 0)}`).join(', ')}. bus_events and request_log leave when their retention is over.`,
      `The history is copies of the rows that the pipeline wrote for one real call (ids, times, places and balances of their own), spread over 28 days and written in ${rounded(fillSeconds, 0)} s; the log has usage.recorded and ledger.posted of each, read by every group.`,
    ],
    bytes,
    turns,
  };
}
