import { setTimeout as delay } from 'node:timers/promises';
import { oneCall } from '../load.mjs';
import { cut } from './cut.mjs';

/** The smallest quota that a router takes. */
const QUOTA_BYTES = '65536';
/** Often enough that the calls by which it is asked fill the journal within seconds, whatever else the load does. */
const POLL_MS = 50;

/**
 * A router whose journal may hold little, while Kafka is away: it serves until the journal is full, then refuses, and
 * serves again as soon as Kafka has taken what waited. Resolves with whether both were seen.
 */
export async function fillJournal(cluster, { target, seconds }) {
  const from = new Date().toISOString();
  await cluster.restartHard(target, { ECOLINK_JOURNAL_QUOTA_BYTES: QUOTA_BYTES });
  await cluster.timeToCatchUp();
  const away = cut(cluster, { target: 'kafka', seconds });
  const wasFull = await seen(cluster, target, seconds * 1_000, (call) => call.problem?.includes('usage_journal_full'));
  await away;
  const serves = await seen(cluster, target, seconds * 1_000, (call) => call.complete);
  const to = new Date().toISOString();
  await cluster.restartHard(target);
  return { from, full: { from, to }, problem: wasFull && serves ? null : `full: ${wasFull}, served afterwards: ${serves}` };
}

/** Asks the router itself until one of its answers is as wanted. */
async function seen(cluster, target, timeoutMs, isWanted) {
  const { credentials } = cluster;
  const { url } = credentials.routers.find(({ name }) => name === target);
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await delay(POLL_MS)) {
    if (isWanted(await oneCall({ ...credentials, api_base_url: `${url}/v1` }, { stream: false, maxTokens: 1 }))) return true;
  }
  return false;
}
