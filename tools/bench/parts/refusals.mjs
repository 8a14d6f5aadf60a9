// What it costs to refuse: 401 and 429 against a Node server that answers the same bytes.
import { KEY, LIMITED_KEY, ONE_HOP_MODEL, startBed } from '../measure/bed.mjs';
import { Client } from '../measure/load.mjs';
import { cpuMs, startProcess } from '../measure/processes.mjs';
import { median, rounded } from '../measure/statistics.mjs';

const CONCURRENCY = 16;
const GOAL = 1.3;
const US_PER_MS = 1_000;

export async function run(options) {
  const bed = await startBed();
  const bares = [];
  try {
    const { origin } = bed.targets.find(({ model }) => model === ONE_HOP_MODEL);
    const cases = [];
    for (const [name, key, status] of [
      ['401, unknown key', `${KEY}x`, 401],
      ['429, over the limit', LIMITED_KEY, 429],
    ]) {
      const body = await refusalText(origin, key, status);
      const bare = await startProcess('bare-answer', { status, body });
      bares.push(bare);
      const router = { origin, key, status, pid: bed.router.pid };
      cases.push({ name, router, bare: { ...router, origin: `http://127.0.0.1:${bare.ready.port}`, pid: bare.pid }, ratios: [] });
    }
    for (const one of cases) for (const side of [one.bare, one.router]) await cpuUsOf(side, options.calls);
    for (let round = 0; round < options.rounds; round += 1) {
      for (const one of cases) {
        one.bareUs = await cpuUsOf(one.bare, options.calls);
        one.routerUs = await cpuUsOf(one.router, options.calls);
        one.ratios.push(one.routerUs / one.bareUs);
      }
    }
    return report(cases, options);
  } finally {
    await Promise.all(bares.map((bare) => bare.stop()));
    await bed.stop();
  }
}

/** The text of the refusal; the first call of the limited key is let through. */
async function refusalText(origin, key, status) {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const answer = await fetch(`${origin}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: ONE_HOP_MODEL, messages: [] }),
    });
    const text = await answer.text();
    if (answer.status === status) return text;
  }
  throw new Error(`the router does not answer ${status}`);
}

async function cpuUsOf({ origin, key, status, pid }, calls) {
  const client = new Client({ origin, key, model: ONE_HOP_MODEL, concurrency: CONCURRENCY });
  const before = cpuMs([pid]);
  await client.callMany(calls, { expectedStatus: status });
  const used = cpuMs([pid]) - before;
  await client.close();
  return (used * US_PER_MS) / calls;
}

function report(cases, options) {
  return {
    title: `Refusals, ${CONCURRENCY} at a time (${options.rounds} rounds of ${options.calls})`,
    columns: ['', 'bare answer µs', 'router µs', '× (median)'],
    rows: cases.map(({ name, bareUs, routerUs, ratios }) => [
      name,
      rounded(bareUs, 1),
      rounded(routerUs, 1),
      rounded(median(ratios)),
    ]),
    goals: cases.map(({ name, ratios }) => ({
      goal: `${name} ≤ ${GOAL} × a bare answer of the same size`,
      measured: `${rounded(median(ratios))} ×`,
      isMet: median(ratios) <= GOAL,
    })),
    notes: ['A refusal carries a request id and, at 429, seven headers more than the bare answer.'],
  };
}
