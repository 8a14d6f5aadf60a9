// Management calls at a pace: keys until the quota is reached, and lists of them.
import { Pool } from 'undici';
import { ready, settings } from '../bench/processes/ready.mjs';

/** 10,000 keys in less than a minute and a half, with as many lists. */
const PER_SECOND = 250;
const TICK_MS = 20;
const AT_ONCE_MAX = 64;

const { origin, keys } = settings;
const pool = new Pool(origin, { connections: AT_ONCE_MAX });
let turn = 0;
let running = 0;

async function callOnce() {
  const key = keys[turn % keys.length];
  const makesKey = Math.floor(turn / keys.length) % 2 === 0;
  turn += 1;
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const body = makesKey ? JSON.stringify({ name: `n${turn}`, scopes: ['inference'] }) : undefined;
  const answer = await pool.request({ path: '/api/v1/api-keys', method: makesKey ? 'POST' : 'GET', headers, body });
  await answer.body.dump();
}

function tick() {
  for (let index = 0; index < (PER_SECOND * TICK_MS) / 1_000 && running < AT_ONCE_MAX; index += 1) {
    running += 1;
    void callOnce()
      .catch(() => undefined)
      .finally(() => (running -= 1));
  }
}

if (keys.length > 0) setInterval(tick, TICK_MS);
ready({});
