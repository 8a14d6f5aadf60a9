import { setTimeout as delay } from 'node:timers/promises';

/** What each cut takes away at once. */
export const CUTS = {
  kafka: ['kafka-1', 'kafka-2', 'kafka-3'],
  postgres: ['postgres'],
  redis: ['redis'],
  'instance-registry': ['instance-registry'],
  'auth-billing': ['auth-billing'],
};

/** Leaves a server there, and silent: connections stand, nothing is answered. */
export async function cut(cluster, { target, seconds }) {
  const from = new Date().toISOString();
  for (const name of CUTS[target]) await cluster.run('pause', name);
  await delay(seconds * 1_000);
  for (const name of CUTS[target]) await cluster.run('resume', name);
  return { from };
}
