// Holds the product's books against what the clients saw.
import { readFileSync } from 'node:fs';

const PAGE = 1_000;

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

/** Compares; every number but the totals must be 0. */
export async function verify(credentials, file, kills) {
  const calls = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
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
  const cut = calls.filter((call) => !call.complete && (call.status === 200 || isCutAnswer(call)));
  const cutBy = tally(cut, (call) => killerOf(call, kills) ?? 'unexplained');
  const balance = await json(`${credentials.api_base_url.replace(/\/v1$/, '')}/api/v1/billing`, credentials.management_key);
  const trial = await json(`${credentials.admin_url}/admin/v1/ledger/trial-balance`, credentials.admin_token);
  const posted = ledger.reduce((sum, event) => sum + BigInt(event.data.amount_nano_usd), 0n);
  return {
    calls: calls.length,
    complete: complete.length,
    cut_streams: calls.filter((call) => !call.complete && call.status === 200).length,
    // A pod's answer had begun when it was cut: nothing is spliced together, whole answers included.
    cut_answers: calls.filter(isCutAnswer).length,
    refused_or_failed: tally(
      calls.filter((call) => !call.complete && call.status !== 200 && !isCutAnswer(call)),
      (call) => `${call.status ?? 'none'} ${String(call.problem).slice(0, 80)}`,
    ),
    // Whose death it was: its own router's, or the gateway (and pods) of its region.
    cut_by: cutBy,
    cut_unexplained: cutBy.unexplained ?? 0,
    lost: complete.filter((call) => (usageByRequest.get(call.request_id) ?? []).length === 0).length,
    recorded_twice: [...usageByRequest.values()].filter((events) => events.length > 1).length,
    billed_twice: [...postedByEvent.values()].filter((events) => events.length > 1).length,
    not_posted: usage.filter((event) => event.data.billable && !postedByEvent.has(event.id)).length,
    other_units: complete.filter((call) => !sameUnits(call, usageByRequest.get(call.request_id)?.[0])).length,
    ledger_minus_balance: (posted - BigInt(balance.balance_nano_usd)).toString(),
    trial_balance: trial,
  };
}

function isCutAnswer(call) {
  return call.status === 502 && call.problem?.includes('was cut off');
}

/** How long after a kill a call may still be found cut: it may have been waiting for its next token. */
const CUT_AFTER_KILL_MS = 3_000;

/** The part that was killed while the call ran, if its death explains the cut: a router, or the gateway of the call's region. */
function killerOf(call, kills) {
  const endedAtMs = Date.parse(call.ended_at);
  return kills.find(({ target, killed_at: killedAt }) => {
    const sinceKillMs = endedAtMs - Date.parse(killedAt);
    // A refusal does not name a region: any gateway may have been the call's.
    const couldCut =
      target.startsWith('router-') ||
      (call.region === null ? target.startsWith('gateway-') : target === `gateway-${call.region}`);
    return couldCut && sinceKillMs >= 0 && sinceKillMs <= CUT_AFTER_KILL_MS;
  })?.target;
}

function sameUnits(call, event) {
  const units = event?.data.units;
  return (
    units !== undefined && call.usage !== null && units.input_tokens === call.usage[0] && units.output_tokens === call.usage[1]
  );
}

async function json(url, token) {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
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
