import type { PickingStrategy } from '@ecolink/contracts';
import { closeAll, type DataPlaneFixture, startDataPlane, startPod } from './support/data-plane-fixture.js';

afterEach(closeAll);

const PODS = 4;

/** Pods that answer with their number, or, where they are held, once they are let go. */
async function gatewayWith(
  strategy: PickingStrategy,
): Promise<{ gateway: DataPlaneFixture; letGo: () => void; arrived: number[] }> {
  const gateway = await startDataPlane();
  const held: (() => void)[] = [];
  const arrived: number[] = [];
  const urls: string[] = [];
  for (let number = 0; number < PODS; number += 1) {
    const pod = await startPod((request, response) => {
      arrived.push(number);
      if (request.url === '/held') held.push(() => response.end(String(number)));
      else response.end(String(number));
    });
    urls.push(pod.url);
  }
  gateway.setPods(5, urls).strategy = strategy;
  return { gateway, letGo: () => held.forEach((end) => end()), arrived };
}

const call = async (gateway: DataPlaneFixture, headers: Record<string, string>, path = '/5/x'): Promise<string> =>
  (await gateway.call(path, { method: 'POST', headers, body: '{}' })).body;

describe('picking', () => {
  it('brings calls of one affinity to one pod, and those of many to all', async () => {
    const { gateway } = await gatewayWith('prefix');
    const of = (affinity: string): Promise<string> =>
      call(gateway, { 'x-ecolink-affinity': affinity, 'x-ecolink-call-tokens': '100' });
    const homes = new Set<string>();
    for (let conversation = 0; conversation < 40; conversation += 1) {
      const turns = [await of(`c${conversation}`), await of(`c${conversation}`), await of(`c${conversation}`)];
      expect(new Set(turns).size).toBe(1);
      homes.add(turns[0] ?? '');
    }
    expect(homes.size).toBe(PODS);
  });

  it('takes turns unless the instance asks for more, whatever calls say', async () => {
    const { gateway } = await gatewayWith('round_robin');
    const seen = [];
    for (let turn = 0; turn < PODS; turn += 1) seen.push(await call(gateway, { 'x-ecolink-affinity': 'same' }));
    expect(new Set(seen).size).toBe(PODS);
  });

  it('counts the tokens of a call until it is over, and none after it', async () => {
    const { gateway, letGo, arrived } = await gatewayWith('prefix');
    const headers = { 'x-ecolink-affinity': 'hot', 'x-ecolink-call-tokens': '100' };
    const running = Array.from({ length: PODS }, () => call(gateway, headers, '/5/held'));
    while (arrived.length < PODS) await new Promise((resolve) => setImmediate(resolve));
    // One pod was the calls' own, and the idle ones came next.
    expect(new Set(arrived).size).toBe(PODS);
    const pods = [...(gateway.pods.get(5)?.pods ?? [])];
    expect(pods.map(({ tokensInFlight }) => tokensInFlight)).toEqual([100, 100, 100, 100]);
    letGo();
    await Promise.all(running);
    expect(pods.map(({ tokensInFlight }) => tokensInFlight)).toEqual([0, 0, 0, 0]);
    expect(await call(gateway, headers)).toBe(String(arrived[0]));
  });

  it.each(['0', '-1', '1e400', 'many', '99999999999'])('takes a number of tokens that is none for one: %s', async (tokens) => {
    const { gateway, letGo, arrived } = await gatewayWith('least_outstanding');
    const running = call(gateway, { 'x-ecolink-call-tokens': tokens }, '/5/held');
    while (arrived.length < 1) await new Promise((resolve) => setImmediate(resolve));
    const loads = [...(gateway.pods.get(5)?.pods ?? [])].map(({ tokensInFlight }) => tokensInFlight);
    expect(loads.reduce((sum, load) => sum + load, 0)).toBe(1);
    letGo();
    await running;
  });
});
