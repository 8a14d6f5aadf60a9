// A region dies under load and comes back: who notices, and how the region gets its calls again.
import { setTimeout as delay } from 'node:timers/promises';
import { KEY, startBed } from '../measure/bed.mjs';
import { Client } from '../measure/load.mjs';
import { rounded } from '../measure/statistics.mjs';

const CALLS_PER_SECOND = 100;
const STREAMS_PER_SECOND = 100;
const STREAM = { frames: 30, intervalMs: 20 };
const TICK_MS = 50;
const KILL_AT_S = 5;
const RETURN_AT_S = 12;
/** Long enough for an ejection to end (at most 5 + 10 s after the kill) and for the ramp of 10 s. */
const END_AT_S = 40;
const KILLED = 'mv';
const TRICKLE_SHARE_MAX = 0.25;
const CUT_AFTER_HEAD = 'was cut off';
const MS_PER_S = 1_000;

export async function run() {
  const bed = await startBed();
  const client = new Client({ ...bed.bothRegions, key: KEY, concurrency: 1_000 });
  const calls = [];
  try {
    await client.callMany(2_000);
    await client.streamMany(500, STREAM);
    const startedAt = performance.now();
    const load = offer(client, calls, startedAt);
    await delay(KILL_AT_S * MS_PER_S);
    await bed.killGateway(0);
    await delay((RETURN_AT_S - KILL_AT_S) * MS_PER_S);
    await bed.returnGateway(0);
    await load;
    return report(calls);
  } finally {
    await client.close();
    await bed.stop();
  }
}

/** Calls and streams at a steady pace, whatever becomes of them; two by two, since regions take turns one by one. */
async function offer(client, calls, startedAt) {
  const running = [];
  const perTick = ((CALLS_PER_SECOND + STREAMS_PER_SECOND) * TICK_MS) / MS_PER_S;
  for (let tick = 0; tick < (END_AT_S * MS_PER_S) / TICK_MS; tick += 1) {
    await delay(Math.max(0, startedAt + tick * TICK_MS - performance.now()));
    for (let index = 0; index < perTick; index += 1)
      running.push(one(client, calls, startedAt, (Math.floor(index / 2) + tick) % 2 === 0));
  }
  await Promise.all(running);
}

async function one(client, calls, startedAt, isStream) {
  const call = { atS: (performance.now() - startedAt) / MS_PER_S, isStream };
  calls.push(call);
  try {
    Object.assign(call, isStream ? await client.streamOne(STREAM) : await client.callOne());
  } catch (error) {
    Object.assign(call, { status: 0, text: String(error.code ?? error.message), isWhole: false, bytes: 0 });
  }
}

function report(calls) {
  const failed = calls.filter(({ isWhole }) => !isWhole);
  const cutStreams = failed.filter(({ status, isStream }) => isStream && status === 200);
  const cutAfterHead = failed.filter(({ status, text }) => status === 502 && text.includes(CUT_AFTER_HEAD));
  const withoutByte = failed.filter((call) => !cutStreams.includes(call) && !cutAfterHead.includes(call));
  const shares = Array.from({ length: END_AT_S }, (_, second) => shareOf(calls, second, second + 1));
  const back = shares.findIndex((share, second) => second >= RETURN_AT_S && share > 0);
  const lastShare = shareOf(calls, END_AT_S - 5, END_AT_S);
  const others = [...new Set(withoutByte.map(({ status, text }) => `${status} ${text?.slice(0, 80)}`))];
  return {
    title: `A region killed under ${CALLS_PER_SECOND} calls and ${STREAMS_PER_SECOND} streams a second`,
    columns: ['calls', 'whole', 'streams cut after their first byte', 'cut after the pod’s head', 'failed without a byte'],
    rows: [[calls.length, calls.length - failed.length, cutStreams.length, cutAfterHead.length, withoutByte.length]],
    goals: [
      {
        goal: 'no call fails that had no byte yet and another candidate',
        measured: `${withoutByte.length} failed`,
        isMet: withoutByte.length === 0,
      },
      {
        goal: `the region comes back by a trickle (≤ ${TRICKLE_SHARE_MAX * 100} % of the calls of its first second)`,
        measured: back === -1 ? 'it did not' : `${rounded(shares[back] * 100, 0)} % in second ${back}`,
        isMet: back !== -1 && shares[back] <= TRICKLE_SHARE_MAX,
      },
      {
        goal: 'and has its half again in the end',
        measured: `${rounded(lastShare * 100, 0)} %`,
        isMet: Math.abs(lastShare - 0.5) <= 0.05,
      },
    ],
    notes: [
      `killed at ${KILL_AT_S} s with kill -9, back at ${RETURN_AT_S} s; its share of the calls of each second from ${RETURN_AT_S} on, in %: ${shares
        .slice(RETURN_AT_S)
        .map((share) => Math.round(share * 100))
        .join(' ')}`,
      'no health checker tells the router: what it knows of the region are its own calls',
      ...(others.length === 0 ? [] : [`failed without a byte: ${others.join('; ')}`]),
    ],
  };
}

function shareOf(calls, fromS, toS) {
  const within = calls.filter(({ atS, region }) => atS >= fromS && atS < toS && region !== undefined);
  return within.length === 0 ? 0 : within.filter(({ region }) => region === KILLED).length / within.length;
}
