// What a strategy of picking pods is worth: conversations of several turns on pods that spare the beginnings they know.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Pool } from 'undici';
import { KEY } from '../measure/bed.mjs';
import { end, startProcess } from '../measure/processes.mjs';
import { median, rounded } from '../measure/statistics.mjs';

const SECRET = 'between-router-and-gateway';
const REGION = 'mv';
const STRATEGIES = ['round_robin', 'least_outstanding', 'prefix', 'session'];
/** Of `processes/owners.mjs`: the instance of the first strategy. */
const FIRST_INSTANCE = 20;
const PODS = 8;
const CONVERSATIONS = 64;
const TURNS = 6;
/** Of the simulated engine: one prompt after the other at this pace, and room for a fair part of what is under way twice over. */
const PROMPT_TOKENS_PER_SECOND = 8_000;
const CACHE_TOKENS = 60_000;
const OUTPUT_TOKENS = 32;
const OUTPUT_TOKENS_PER_SECOND = 100;
/** Of the first message, which makes most of a prompt, and of each later question. */
const FIRST_WORDS = 1_600;
const LATER_WORDS = 200;
const SECONDS = 15;
const WARM_UP_SECONDS = 4;
const MS_PER_SECOND = 1_000;
const GOAL_GAIN = 1.5;
const GOAL_SINGLE = 0.95;
const GOAL_SPREAD = 1.3;

export async function run(options) {
  const bed = await startBed(options.root);
  try {
    const workloads = [
      { name: 'several turns', turns: TURNS, isHot: false, strategies: STRATEGIES },
      { name: 'single turns', turns: 1, isHot: false, strategies: ['round_robin', 'prefix'] },
      { name: 'one hot beginning', turns: 1, isHot: true, strategies: ['prefix'] },
    ];
    const results = new Map();
    for (let round = 0; round < options.rounds; round += 1)
      for (const workload of workloads)
        for (const strategy of workload.strategies) {
          const key = `${workload.name}, ${strategy}`;
          const result = await measure(bed, strategy, workload, `${round} ${key}`, options.isQuick ? SECONDS / 3 : SECONDS);
          results.set(key, [...(results.get(key) ?? []), result]);
        }
    return report(results, options);
  } finally {
    await bed.stop();
  }
}

async function startBed(root) {
  const simulators = await startSimulators(root);
  const owners = await startProcess('owners', {
    direct: simulators.urls[0],
    pods: { [REGION]: simulators.urls },
    strategies: STRATEGIES,
  });
  const shared = { secret: SECRET, owners: owners.ready.url };
  const gateway = await startProcess('gateway', { ...shared, region: REGION, pods: PODS, instances: 2 + STRATEGIES.length });
  await fetch(`${owners.ready.url}/gateways`, { method: 'PUT', body: JSON.stringify({ [REGION]: gateway.ready.url }) });
  const router = await startProcess('router', shared);
  const pool = new Pool(`http://127.0.0.1:${router.ready.port}`, { connections: CONVERSATIONS, headersTimeout: 120_000 });
  return {
    pool,
    urls: simulators.urls,
    async stop() {
      await pool.destroy();
      await Promise.all([router, gateway, owners].map((one) => one.stop()));
      await simulators.stop();
    },
  };
}

async function startSimulators(root) {
  const child = spawn(process.execPath, [path.join(root, 'apps/model-simulator/dist/main.js'), 'host'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const pace = { '--ttft-ms': 5, '--tokens-per-second': OUTPUT_TOKENS_PER_SECOND };
  const prompts = { '--prompt-tokens-per-second': PROMPT_TOKENS_PER_SECOND, '--cache-tokens-max': CACHE_TOKENS };
  const args = Object.entries({ '--model': 'm', ...pace, ...prompts }).flatMap(([name, value]) => [name, String(value)]);
  for (let index = 0; index < PODS; index += 1) child.stdin.write(`${JSON.stringify({ op: 'start', id: `p${index}`, args })}\n`);
  const urls = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line);
    if (event.event === 'failed') throw new Error(event.error);
    if (event.event === 'listening' && event.port !== undefined && event.id !== undefined)
      urls.push(`http://127.0.0.1:${event.port}`);
    if (urls.length === PODS) break;
  }
  if (urls.length < PODS) throw new Error(`only ${urls.length} of ${PODS} simulated pods listen`);
  return {
    urls,
    async stop() {
      child.stdin.end();
      await Promise.race([once(child, 'exit'), new Promise((resolve) => setTimeout(resolve, 5_000).unref())]);
      await end(child);
    },
  };
}

/** Keeps all conversations going, each beginning anew when it is over, and counts what ends after the warm-up. */
async function measure({ pool, urls }, strategy, { turns, isHot }, name, seconds) {
  const model = `m:${FIRST_INSTANCE + STRATEGIES.indexOf(strategy)}`;
  const endsAt = performance.now() + (WARM_UP_SECONDS + seconds) * MS_PER_SECOND;
  const countsFrom = performance.now() + WARM_UP_SECONDS * MS_PER_SECOND;
  const before = [];
  const tallies = { calls: 0, output: 0, prompt: 0, cached: 0 };
  const warmedUp = new Promise((resolve) => {
    setTimeout(() => resolve(Promise.all(urls.map(requestsOf))), WARM_UP_SECONDS * MS_PER_SECOND);
  }).then((counts) => before.push(...counts));
  const converse = async (worker) => {
    for (let number = 0; performance.now() < endsAt; number += 1) {
      const id = isHot ? name : `${name} ${worker} ${number}`;
      const messages = [{ role: 'user', content: words(id, FIRST_WORDS) }];
      for (let turn = 0; turn < turns && performance.now() < endsAt; turn += 1) {
        const { usage, message } = await ask(pool, { model, messages, session: id });
        const now = performance.now();
        if (now >= countsFrom && now < endsAt) count(tallies, usage);
        messages.push(message, { role: 'user', content: words(`${id} ${turn}`, LATER_WORDS) });
      }
    }
  };
  await Promise.all(Array.from({ length: CONVERSATIONS }, (_, worker) => converse(worker)));
  await warmedUp;
  const after = await Promise.all(urls.map(requestsOf));
  const loads = after.map((requests, index) => requests - before[index]);
  const mean = loads.reduce((sum, load) => sum + load, 0) / loads.length;
  return {
    tokensPerSecond: tallies.output / seconds,
    callsPerSecond: tallies.calls / seconds,
    cachedShare: tallies.cached / tallies.prompt,
    spread: Math.max(...loads) / mean,
  };
}

function count(tallies, usage) {
  tallies.calls += 1;
  tallies.output += usage.completion_tokens;
  tallies.prompt += usage.prompt_tokens;
  tallies.cached += usage.prompt_tokens_details.cached_tokens;
}

async function ask(pool, { model, messages, session }) {
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', 'x-session-id': session };
  const body = JSON.stringify({ model, messages, max_tokens: OUTPUT_TOKENS });
  const answer = await pool.request({ path: '/v1/chat/completions', method: 'POST', headers, body });
  const parsed = await answer.body.json();
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${JSON.stringify(parsed)}`);
  return { usage: parsed.usage, message: parsed.choices[0].message };
}

async function requestsOf(url) {
  return (await (await fetch(`${url}/_simulator/stats`)).json()).paths['/v1/chat/completions']?.requests ?? 0;
}

/** As many words, which begin unlike those of any other text. */
function words(id, number) {
  return `${id}: ${'word '.repeat(number)}`;
}

function report(results, options) {
  const middle = (key, field) => median(results.get(key).map((result) => result[field]));
  const gain = middle('several turns, prefix', 'tokensPerSecond') / middle('several turns, round_robin', 'tokensPerSecond');
  const single = middle('single turns, prefix', 'tokensPerSecond') / middle('single turns, round_robin', 'tokensPerSecond');
  const spread = Math.max(middle('several turns, prefix', 'spread'), middle('single turns, prefix', 'spread'));
  const hot = middle('one hot beginning, prefix', 'spread');
  return {
    title: `Picking: ${CONVERSATIONS} conversations on ${PODS} simulated pods with a cache (${options.rounds} rounds)`,
    columns: ['', 'tokens/s', 'calls/s', 'cached %', 'busiest ÷ mean'],
    rows: [...results.keys()].map((key) => [
      key,
      rounded(middle(key, 'tokensPerSecond'), 1),
      rounded(middle(key, 'callsPerSecond'), 1),
      rounded(middle(key, 'cachedShare') * 100, 1),
      rounded(middle(key, 'spread')),
    ]),
    goals: [
      {
        goal: `prefix ≥ ${GOAL_GAIN} × round_robin over several turns`,
        measured: `${rounded(gain)} ×`,
        isMet: gain >= GOAL_GAIN,
      },
      {
        goal: `prefix ≥ ${GOAL_SINGLE} × round_robin on single turns`,
        measured: `${rounded(single)} ×`,
        isMet: single >= GOAL_SINGLE,
      },
      { goal: `the busiest pod ≤ ${GOAL_SPREAD} × the mean`, measured: `${rounded(spread)} ×`, isMet: spread <= GOAL_SPREAD },
      {
        goal: `one hot beginning: busiest ≤ ${GOAL_SPREAD} × the mean`,
        measured: `${rounded(hot)} ×`,
        isMet: hot <= GOAL_SPREAD,
      },
    ],
    notes: [
      `A pod processes ${PROMPT_TOKENS_PER_SECOND} prompt tokens a second, one prompt after the other, and keeps ${CACHE_TOKENS}; answers have ${OUTPUT_TOKENS} tokens.`,
      `A conversation begins with ${FIRST_WORDS} words and goes on for ${TURNS} turns of ${LATER_WORDS}; load is calls that a pod was sent.`,
    ],
  };
}
