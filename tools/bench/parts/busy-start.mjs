// `npm start` as users have it: what calls take while billing and the rest of the control plane are busy.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { median, percentile, rounded } from '../measure/statistics.mjs';

const START_TIMEOUT_MS = 90_000;
const SECONDS_PER_ROUND = 15;
const CALLS_PER_SECOND = 20;
const MANAGERS = 2;
/** Pauses between management calls: busy, not flooded. */
const MANAGEMENT_PAUSE_MS = 25;
/** What is not visible: within the difference that idle rounds show among themselves, or a fifth. */
const VISIBLE_SHARE = 0.2;

export async function run(options) {
  const directory = mkdtempSync(path.join(tmpdir(), 'ecolink-bench-start-'));
  const product = spawn(
    process.execPath,
    [path.join(options.root, 'apps/ecolink/dist/main.js'), '--data-dir', directory, '--port', '0', '--admin-port', '0'],
    { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, LOG_LEVEL: 'error' } },
  );
  try {
    const credentials = await readCredentials(path.join(directory, 'credentials.json'));
    await raiseLimit(credentials);
    const rounds = { idle: [], busy: [] };
    await callsOf(credentials, SECONDS_PER_ROUND / 3);
    for (let round = 0; round < options.rounds; round += 1) {
      rounds.idle.push(await callsOf(credentials, SECONDS_PER_ROUND));
      rounds.busy.push(await whileBusy(credentials, () => callsOf(credentials, SECONDS_PER_ROUND)));
    }
    return report(rounds, options);
  } finally {
    product.kill('SIGTERM');
    await new Promise((resolve) => product.once('exit', resolve));
    rmSync(directory, { recursive: true, force: true });
  }
}

async function readCredentials(file) {
  const endsAt = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < endsAt) {
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
    await delay(100);
  }
  throw new Error('the product did not start in time');
}

async function raiseLimit({ admin_url: adminUrl, admin_token: token, account_id: accountId }) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const send = async (method, route, body) => {
    const answer = await fetch(`${adminUrl}/admin/v1${route}`, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${route}: ${answer.status} ${await answer.text()}`);
  };
  await send('PUT', '/plans/bench', { requests_per_minute: 1_000_000 });
  await send('PATCH', `/accounts/${accountId}`, { plan: 'bench' });
  await send('POST', `/accounts/${accountId}/credits`, {
    amount_nano_usd: '1000000000000',
    type: 'bonus_grant',
    reason: 'bench',
  });
  await delay(1_500);
}

/** Calls at a steady pace. @returns their durations in milliseconds. */
async function callsOf(credentials, seconds) {
  const durations = [];
  const running = [];
  const startedAt = performance.now();
  for (let call = 0; call < seconds * CALLS_PER_SECOND; call += 1) {
    await delay(Math.max(0, startedAt + (call * 1_000) / CALLS_PER_SECOND - performance.now()));
    running.push(oneCall(credentials).then((duration) => durations.push(duration)));
  }
  await Promise.all(running);
  return durations;
}

async function oneCall({ api_base_url: base, api_key: key, models }) {
  const startedAt = performance.now();
  const answer = await fetch(`${base}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: models[0], max_tokens: 1, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`a call answered ${answer.status}`);
  return performance.now() - startedAt;
}

/** Reports, exports, credits and changes of instances, one after the other, from several managers at once. */
async function whileBusy(credentials, work) {
  let isOver = false;
  const root = credentials.api_base_url.replace(/\/v1$/, '');
  const own = { authorization: `Bearer ${credentials.management_key}` };
  const admin = { authorization: `Bearer ${credentials.admin_token}`, 'content-type': 'application/json' };
  const credit = JSON.stringify({ amount_nano_usd: '1', type: 'bonus_grant', reason: 'bench' });
  const requests = [
    [`${root}/api/v1/billing/usage?group_by=day,model,key`, { headers: own }],
    [
      `${credentials.admin_url}/admin/v1/accounts/${credentials.account_id}/credits`,
      { method: 'POST', headers: admin, body: credit },
    ],
    [`${root}/api/v1/billing/transactions?format=csv`, { headers: own }],
    [`${credentials.admin_url}/admin/v1/ledger/trial-balance`, { headers: admin }],
    [`${root}/api/v1/instances`, { headers: own }],
  ];
  const managers = Array.from({ length: MANAGERS }, async (_, manager) => {
    for (let turn = manager; !isOver; turn += 1) {
      const [url, init] = requests[turn % requests.length];
      const answer = await fetch(url, init);
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
      await delay(MANAGEMENT_PAUSE_MS);
    }
  });
  const result = await work();
  isOver = true;
  await Promise.all(managers);
  return result;
}

function report({ idle, busy }, options) {
  const p99s = (rounds) => rounds.map((durations) => percentile(durations, 0.99));
  const spread = Math.max(...p99s(idle)) - Math.min(...p99s(idle));
  const added = median(p99s(busy)) - median(p99s(idle));
  const row = (name, rounds) => [
    name,
    ...[0.5, 0.99].map((share) => rounded(median(rounds.map((durations) => percentile(durations, share))))),
    p99s(rounds)
      .map((value) => rounded(value))
      .join(', '),
  ];
  return {
    title: `\`npm start\`, ${CALLS_PER_SECOND} calls a second (${options.rounds} interleaved rounds of ${SECONDS_PER_ROUND} s, medians)`,
    columns: ['', 'p50 ms', 'p99 ms', 'p99 of each round'],
    rows: [row('idle', idle), row('billing busy', busy)],
    goals: [
      {
        goal: 'billing adds nothing visible to p99',
        measured: `${rounded(added)} ms, idle rounds differ by ${rounded(spread)} ms`,
        isMet: added <= Math.max(spread, VISIBLE_SHARE * median(p99s(idle))),
      },
    ],
    notes: [
      'Busy: reports, CSV exports, credits, trial balances and lists from two managers at once, beside the usage of the calls.',
    ],
  };
}
