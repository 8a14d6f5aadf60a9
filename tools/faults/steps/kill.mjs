import { setTimeout as delay } from 'node:timers/promises';

export const KILLABLE = [
  ...['router-1', 'router-2', 'router-3', 'auth-billing', 'instance-registry', 'health-checker', 'gateway-mv', 'gateway-ga'],
  ...['kafka-1', 'kafka-2', 'kafka-3', 'postgres', 'redis'],
];
const DEAD_MS_MIN = 500;
const DEAD_MS_SPREAD = 3_000;

/** kill -9 of one part, which is started again half a second to three and a half later. */
export async function kill(cluster, { target }) {
  const from = new Date().toISOString();
  await cluster.run('kill', target);
  await delay(DEAD_MS_MIN + Math.random() * DEAD_MS_SPREAD);
  await cluster.run('start', target);
  return { from };
}

/** Every target once in each round, in an order of its own. */
export function shuffledRounds(targets) {
  let round = [];
  return () => {
    if (round.length === 0) round = [...targets].sort(() => Math.random() - 0.5);
    return round.pop();
  };
}
