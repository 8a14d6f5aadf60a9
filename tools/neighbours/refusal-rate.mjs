// How many calls with a wrong key the router refuses in a second while it does nothing else.
import { Pool } from 'undici';
import { ready, settings } from '../bench/processes/ready.mjs';
import { REFUSED_CALL, REFUSED_CONNECTIONS } from './refused-call.mjs';

const WARM_MS = 1_000;
const MEASURED_MS = 3_000;

const pool = new Pool(settings.origin, { connections: REFUSED_CONNECTIONS });
let refused = 0;
let isOver = false;
const loops = Array.from({ length: REFUSED_CONNECTIONS }, async () => {
  while (!isOver) {
    const { body } = await pool.request(REFUSED_CALL);
    await body.dump();
    refused += 1;
  }
});
await new Promise((resolve) => setTimeout(resolve, WARM_MS));
const [before, startedAt] = [refused, performance.now()];
await new Promise((resolve) => setTimeout(resolve, MEASURED_MS));
const perSecond = Math.round(((refused - before) * 1_000) / (performance.now() - startedAt));
isOver = true;
if (perSecond === 0) throw new Error('the router refused nothing');
await Promise.all(loops);
ready({ perSecond });
