// `npm run test:faults`: kills parts of a running cluster at random under load, and holds the books against the clients' own
// account afterwards. Goes on where an earlier run stopped, unless told to --reset.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { prepare } from '../bootstrap/prepare.mjs';
import { oneCall, startLoad } from './load.mjs';
import { verify } from './verify.mjs';

const HELP = `npm run test:faults -- [--kills 20] [--workers 8] [--interval-seconds 8] [--data-dir .ecolink-faults] [--port 0] [--admin-port 0] [--reset]`;
const TARGETS = [
  ...['router-1', 'router-2', 'router-3', 'auth-billing', 'instance-registry', 'health-checker', 'gateway-mv', 'gateway-ga'],
  ...['kafka-1', 'kafka-2', 'kafka-3', 'postgres', 'redis'],
];
const CREDIT_NANO_USD = '1000000000000';
const CAUGHT_UP_MS = 30_000;
const WHOLE_MS_MAX = 60_000;
const ZERO_COUNTS = ['lost', 'recorded_twice', 'billed_twice', 'not_posted', 'other_units', 'cut_unexplained'];

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    workers: { type: 'string', default: '8' },
    'interval-seconds': { type: 'string', default: '8' },
    'data-dir': { type: 'string', default: '.ecolink-faults' },
    port: { type: 'string', default: '0' },
    'admin-port': { type: 'string', default: '0' },
    reset: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(HELP);
else process.exitCode = await main();

async function main() {
  const { node, env, root } = await prepare();
  const directory = path.resolve(process.env.INIT_CWD ?? process.cwd(), values['data-dir']);
  const cluster = (...args) =>
    runCluster(node, path.join(root, 'apps/ecolink/dist/cluster-main.js'), env, [...args, '--data-dir', directory]);
  if (values.reset && existsSync(directory)) {
    await cluster('down');
    rmSync(directory, { recursive: true, force: true });
  }
  mkdirSync(directory, { recursive: true });
  await cluster('up', '--routers', '3', '--brokers', '3', '--port', values.port, '--admin-port', values['admin-port']);
  try {
    return await kill(directory, cluster);
  } finally {
    await cluster('down');
  }
}

async function kill(directory, cluster) {
  const credentials = JSON.parse(readFileSync(path.join(directory, 'cluster.json'), 'utf8'));
  const state = readState(directory);
  if (state.kills.length === 0) await credit(credentials);
  const file = path.join(directory, 'calls.jsonl');
  const load = startLoad({ credentials, workers: Number(values.workers), file });
  const wanted = Number(values.kills);
  const nextTarget = shuffledRounds(TARGETS);
  for (let kills = 0; kills < wanted; kills += 1) {
    await delay((0.5 + Math.random()) * 1000 * Number(values['interval-seconds']));
    const target = nextTarget();
    const killedAt = new Date().toISOString();
    await cluster('kill', target);
    await delay(500 + Math.random() * 3_000);
    await cluster('start', target);
    const caughtUpMs = await timeToCatchUp(credentials);
    // One death at a time: the next one must find another candidate wherever there is to be one.
    const wholeMs = await timeToBeWhole(credentials);
    state.kills.push({ killed_at: killedAt, at: new Date().toISOString(), target, caught_up_ms: caughtUpMs, whole_ms: wholeMs });
    writeFileSync(path.join(directory, 'state.json'), JSON.stringify(state, null, 2));
    console.error(
      `» ${state.kills.length}. ${target}: caught up in ${caughtUpMs} ms; ${load.counts.complete} of ${load.counts.calls} calls complete`,
    );
  }
  await load.stop();
  await timeToCatchUp(credentials);
  await delay(2_000);
  const result = {
    kills: countBy(state.kills.map(({ target }) => target)),
    slowest_catch_up_ms: Math.max(...state.kills.map((one) => one.caught_up_ms)),
    slowest_to_be_whole_ms: Math.max(...state.kills.map((one) => one.whole_ms ?? 0)),
    ...(await verify(credentials, file, state.kills)),
  };
  writeFileSync(path.join(directory, 'result.json'), JSON.stringify(result, null, 2));
  console.log(JSON.stringify(result, null, 2));
  return isGood(result) ? 0 : 1;
}

/** Every target once in each round, in an order of its own. */
function shuffledRounds(targets) {
  let round = [];
  return () => {
    if (round.length === 0) round = [...targets].sort(() => Math.random() - 0.5);
    return round.pop();
  };
}

/** A call's way from its end to the ledger, right after a part came back. */
async function timeToCatchUp(credentials) {
  const startedAt = Date.now();
  const root = credentials.api_base_url.replace(/\/v1$/, '');
  let probe = { complete: false };
  while (Date.now() - startedAt < 2 * CAUGHT_UP_MS) {
    if (!probe.complete) probe = await oneCall(credentials, { stream: false, maxTokens: 1 });
    const response = await fetch(`${root}/api/v1/billing/calls?request_id=${probe.request_id}`, {
      headers: { authorization: `Bearer ${credentials.management_key}` },
    }).catch(() => undefined);
    if (probe.complete && response?.ok && (await response.json()).data.length === 1) return Date.now() - startedAt;
    await delay(100);
  }
  return Date.now() - startedAt;
}

/** Until every pod of the instance that is called is healthy again, as the registry sees it. */
async function timeToBeWhole(credentials) {
  const startedAt = Date.now();
  const [, instanceId] = credentials.models[0].split(':');
  const url = `${credentials.api_base_url.replace(/\/v1$/, '')}/api/v1/instances/${instanceId}`;
  while (Date.now() - startedAt < WHOLE_MS_MAX) {
    const response = await fetch(url, { headers: { authorization: `Bearer ${credentials.management_key}` } }).catch(
      () => undefined,
    );
    const { deployments = [] } = response?.ok ? await response.json() : {};
    const pods = deployments.flatMap((deployment) => deployment.pods);
    const isEverywhere = deployments.length > 1 && deployments.every((deployment) => deployment.pods.length > 0);
    if (isEverywhere && pods.every((pod) => pod.healthy)) return Date.now() - startedAt;
    await delay(200);
  }
  return Date.now() - startedAt;
}

async function credit(credentials) {
  const response = await fetch(`${credentials.admin_url}/admin/v1/accounts/${credentials.account_id}/credits`, {
    method: 'POST',
    headers: { authorization: `Bearer ${credentials.admin_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ amount_nano_usd: CREDIT_NANO_USD, type: 'contract_grant', reason: 'fault run' }),
  });
  if (!response.ok) throw new Error(`credit: ${response.status} ${await response.text()}`);
}

function readState(directory) {
  const file = path.join(directory, 'state.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { kills: [] };
}

function isGood(result) {
  const zero = ZERO_COUNTS.every((name) => result[name] === 0);
  return (
    zero &&
    result.ledger_minus_balance === '0' &&
    result.slowest_catch_up_ms <= CAUGHT_UP_MS &&
    Object.keys(result.refused_or_failed).length === 0
  );
}

function countBy(names) {
  return names.reduce((counts, name) => ({ ...counts, [name]: (counts[name] ?? 0) + 1 }), {});
}

function runCluster(node, file, env, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, [file, ...args], { stdio: ['ignore', 2, 2], env });
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`cluster ${args[0]} ${args[1]} ended with ${code}`)),
    );
  });
}
