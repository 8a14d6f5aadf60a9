// Holds the product's books against what the clients saw.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { getJson, rootOf } from './cluster.mjs';

const PAGE = 1_000;
/** A cut is noticed at the next piece, or at the end of a connection. */
const NOTICED_MS = 3_000;

/** Reads every event of a topic through the operators' API. */
async function readTopic(credentials, topic) {
  const events = [];
  for (let after; ;) {
    const query = new URLSearchParams({ topic, limit: String(PAGE), ...(after === undefined ? {} : { after }) });
    const response = await fetch(`${credentials.admin_url}/admin/v1/events?${query}`, {
      headers: { authorization: `Bearer ${credentials.admin_token}` },
    });
    if (!response.ok) throw new Error(`reading ${topic}: ${response.status} ${await response.text()}`);
    const page = await response.json();
    events.push(...page.data);
    after = page.cursor;
    if (page.data.length === 0) return events;
  }
}

/** Reads the account's whole request log. */
async function readRequestLog(credentials) {
  const rows = [];
  for (let after; ;) {
    const query = new URLSearchParams({ limit: '100', ...(after === undefined ? {} : { after }) });
    const response = await fetch(`${rootOf(credentials)}/api/v1/requests?${query}`, {
      headers: { authorization: `Bearer ${credentials.management_key}` },
    });
    if (response.status === 429) {
      await delay(Number(response.headers.get('retry-after')) * 1_000);
      continue;
    }
    if (!response.ok) throw new Error(`reading the request log: ${response.status} ${await response.text()}`);
    const page = await response.json();
    rows.push(...page.data);
    if (!page.has_more) return { rows, counted: page.counted_refusals };
    after = page.last_id;
  }
}

/** Compares; every number but the totals must be 0. */
export async function verify(cluster, file, steps) {
  const { credentials } = cluster;
  const calls = readLines(file);
  const usage = distinct(await readTopic(credentials, 'ecolink.usage.recorded.v1'), (event) => event.id);
  const ledger = distinct(await readTopic(credentials, 'ecolink.ledger.posted.v1'), (event) => event.id).filter(
    (event) => event.data.account_id === credentials.account_id,
  );
  const usageByRequest = groupBy(usage, (event) => event.data.request_id);
  const postedByEvent = groupBy(
    ledger.filter((event) => event.data.type === 'api_usage'),
    (event) => event.data.cause.id,
  );
  const complete = calls.filter((call) => call.complete);
  const cutStreams = calls.filter((call) => !call.complete && call.status === 200);
  const cutAnswers = calls.filter(isCutAnswer);
  const full = calls.filter((call) => isFullJournal(call, steps));
  const others = calls.filter((call) => !call.complete && call.status !== 200 && !isCutAnswer(call) && !full.includes(call));
  const log = await readRequestLog(credentials);
  const logged = groupBy(log.rows, ({ id }) => id);
  const explain = explanations({ cluster, steps, usageByRequest });
  const cutBy = tally([...cutStreams, ...cutAnswers], (call) => explain(call) ?? 'unexplained');
  const balance = await getJson(`${rootOf(credentials)}/api/v1/billing`, credentials.management_key);
  const trial = await getJson(`${credentials.admin_url}/admin/v1/ledger/trial-balance`, credentials.admin_token);
  const posted = ledger.reduce((sum, event) => sum + BigInt(event.data.amount_nano_usd), 0n);
  return {
    calls: calls.length,
    complete: complete.length,
    cut_streams: cutStreams.length,
    // A pod's answer had begun when it was cut: nothing is spliced together, whole answers included.
    cut_answers: cutAnswers.length,
    // Told 503 usage_journal_full by the router whose journal was full, while it was.
    refused_for_full_journal: full.length,
    refused_but_recorded: [...full, ...others].filter((call) => usageByRequest.get(call.request_id)?.[0].data.billable).length,
    refused_or_failed: tally(others, (call) => `${call.status ?? 'none'} ${String(call.problem).slice(0, 80)}`),
    // Whose death it was: that of the router that served the call, or of the gateway (and pods) of its region.
    cut_by: cutBy,
    cut_unexplained: cutBy.unexplained ?? 0,
    lost: complete.filter((call) => (usageByRequest.get(call.request_id) ?? []).length === 0).length,
    recorded_twice: [...usageByRequest.values()].filter((events) => events.length > 1).length,
    billed_twice: [...postedByEvent.values()].filter((events) => events.length > 1).length,
    not_posted: usage.filter((event) => event.data.billable && !postedByEvent.has(event.id)).length,
    // Every billed call has its row in the account's request log, once, with what the ledger took for it.
    not_in_log: usage.filter((event) => event.data.billable && !logged.has(event.data.request_id)).length,
    twice_in_log: [...logged.values()].filter((rows) => rows.length > 1).length,
    log_minus_ledger: (
      log.rows.reduce((sum, row) => sum + BigInt(row.cost_nano_usd), 0n) +
      [...postedByEvent.values()].reduce((sum, [event]) => sum + BigInt(event.data.amount_nano_usd), 0n)
    ).toString(),
    // A refusal is no money: the last ones of a router that is killed may be missing.
    refusals_not_in_log: [...full, ...others].filter((call) => call.request_id !== null && !logged.has(call.request_id)).length,
    refusals_counted: log.counted,
    other_units: complete.filter((call) => !sameUnits(call, usageByRequest.get(call.request_id)?.[0])).length,
    ledger_minus_balance: (posted - BigInt(balance.balance_nano_usd)).toString(),
    trial_balance: trial,
  };
}

function readLines(file) {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

function isCutAnswer(call) {
  return call.status === 502 && call.problem?.includes('was cut off');
}

function isFullJournal(call, steps) {
  return (
    call.status === 503 &&
    call.problem?.includes('usage_journal_full') &&
    steps.some(({ full }) => full && full.from <= call.ended_at && call.started_at <= full.to)
  );
}

/**
 * Who cut a call. A router that lives records what it cut, naming the region: that gateway was killed. A router that died
 * recorded nothing: it was the one that the edge had asked, and it was killed while the call ran.
 */
function explanations({ cluster, steps, usageByRequest }) {
  const kills = steps.filter(({ kind }) => kind !== 'cut');
  const names = new Map(cluster.credentials.routers.map(({ name, url }) => [new URL(url).host, name]));
  const routerOf = new Map(
    readLines(cluster.accessLog).map(({ request_id: id, routers }) => [id, names.get(routers.split(', ').at(-1))]),
  );
  return (call) => {
    const recorded = usageByRequest.get(call.request_id)?.[0].data;
    const killed = recorded ? `gateway-${recorded.region}` : routerOf.get(call.request_id);
    return kills.some((step) => step.target === killed && isWhile(step, call)) ? killed : undefined;
  };
}

/** A call ended while the part was being killed and brought back. */
function isWhile({ from, to }, call) {
  return call.started_at <= to && from <= call.ended_at && Date.parse(call.ended_at) <= Date.parse(to) + NOTICED_MS;
}

function sameUnits(call, event) {
  const units = event?.data.units;
  return (
    units !== undefined && call.usage !== null && units.input_tokens === call.usage[0] && units.output_tokens === call.usage[1]
  );
}

/** The bus delivers at least once: an event that stands in a topic twice is one event. */
function distinct(events, keyOf) {
  return [...new Map(events.map((event) => [keyOf(event), event])).values()];
}

function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function tally(items, keyOf) {
  const counts = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}
