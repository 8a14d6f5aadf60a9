// A router and a gateway with everything on, between a bystander, four attackers and their pods.
import { start } from './processes.mjs';

const SECRET = 'between-router-and-gateway';
export const ATTACKERS = 4;
const BYSTANDER_INSTANCE = 1;
const SHARED_INSTANCE = 2;
const FIRST_ATTACKER_INSTANCE = 10;
const RATE_SHARE = 0.5;

export async function startRouterBed() {
  const [pod, hostile, sink] = [
    await start('bench/processes/pod.mjs', { ports: 1 }),
    await start('neighbours/hostile-pod.mjs', {}),
    await start('neighbours/sink.mjs', {}),
  ];
  const attackers = Array.from({ length: ATTACKERS }, (_unused, index) => `acc_attacker_${index}`);
  const instances = [
    { id: BYSTANDER_INSTANCE, owner: 'acc_bystander', url: `http://127.0.0.1:${pod.ready.ports[0]}` },
    { id: SHARED_INSTANCE, owner: null, url: hostile.ready.url },
    ...attackers.map((owner, index) => ({ id: FIRST_ATTACKER_INSTANCE + index, owner, url: hostile.ready.url })),
  ];
  const owners = await start('neighbours/owners.mjs', { accounts: ['acc_bystander', ...attackers], instances });
  const shared = { secret: SECRET, owners: owners.ready.url };
  const gateway = await start('neighbours/gateway.mjs', { ...shared, pods: instances.length });
  await fetch(`${owners.ready.url}/${encodeURIComponent(gateway.ready.url)}`, { method: 'PUT' });
  const router = await start('bench/processes/router.mjs', shared);
  const origin = `http://127.0.0.1:${router.ready.port}`;
  const loads = { pod: hostile.ready.url, sink: sink.ready.url };
  const keys = attackers.map((account) => `eco_${account}`);
  let refusalsPerSecond;
  return {
    bystander: { origin, key: 'eco_acc_bystander', model: `m:${BYSTANDER_INSTANCE}` },
    /** Once: half of what the router refuses in a second while it does nothing else. */
    async rateOf(attack) {
      if (attack !== 'refusals') return undefined;
      if (refusalsPerSecond === undefined) {
        const measured = await start('neighbours/refusal-rate.mjs', { origin });
        await measured.stop();
        refusalsPerSecond = Math.round(RATE_SHARE * measured.ready.perSecond);
      }
      return refusalsPerSecond;
    },
    /** The generators, on their own load or, with `load` undefined, on the router. */
    async attack(attack, load) {
      const isShared = attack === 'shared_slots';
      return await start('neighbours/attacker.mjs', {
        attack,
        origin: load === undefined ? origin : loads[load],
        keys: isShared ? keys.slice(0, 1) : keys,
        model: isShared ? 'shared' : FIRST_ATTACKER_INSTANCE,
        perSecond: await this.rateOf(attack),
      });
    },
    stop: () => Promise.all([pod, hostile, sink, owners, gateway, router].map((one) => one.stop())),
  };
}
