import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { GatewayPods } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import { startRegionGateway } from '../../src/index.js';
import { closeAll, startPod } from '../support/data-plane-fixture.js';
import { deployment, externalPod, listeningBus, startRegistry } from '../support/fakes.js';

const SECRET = 'internal';
/** More than the ten probes that would take an idle pod out. */
const SILENT_MS = 22_000;

afterEach(closeAll);

describe('a pod that generates', () => {
  it('stays in though it answers no probe for 20 s, takes further calls, and is out when it is silent without a call', async () => {
    let isBusy = false;
    let answer: ServerResponse | undefined;
    let unanswered = 0;
    const { url } = await startPod((request, response) => {
      if (request.url === '/v1/long') return void (answer = response.writeHead(200)).write('first');
      if (request.url === '/v1/short') return void response.end('served');
      if (isBusy) unanswered += 1;
      else response.end();
    });
    const registry = await startRegistry();
    registry.put(deployment({ instance_id: 5, pods: [externalPod('pod_a', url)] }));
    const listener = { host: '127.0.0.1', port: 0, internalSecret: SECRET };
    const gateway = await startRegionGateway({
      ...listener,
      region: 'mv',
      bus: listeningBus(),
      registryUrl: registry.url,
      driverConfig: {},
      closeMaxMs: 1_000,
    });
    const headers = { 'x-ecolink-internal-secret': SECRET };
    const isHealthy = async (): Promise<boolean> => {
      const { pods } = (await (await fetch(`${gateway.url}/pods`, { headers })).json()) as GatewayPods;
      return pods[0]?.healthy === true;
    };
    try {
      await waitFor(isHealthy, { timeoutMs: 10_000, what: 'the pod to be in' });
      const long = await fetch(`${gateway.url}/5/v1/long`, { headers });
      isBusy = true;
      const untilMs = performance.now() + SILENT_MS;
      while (performance.now() < untilMs) {
        expect(await isHealthy()).toBe(true);
        await delay(1_000);
      }
      // The probes did time out: it is the call that kept the pod in.
      expect(unanswered).toBeGreaterThanOrEqual(8);
      expect(await (await fetch(`${gateway.url}/5/v1/short`, { headers })).text()).toBe('served');
      answer?.end(' and last');
      expect(await long.text()).toBe('first and last');
      await waitFor(async () => !(await isHealthy()), { timeoutMs: 20_000, what: 'the silent pod to be out' });
    } finally {
      await gateway.close();
      await registry.close();
    }
  }, 90_000);
});
