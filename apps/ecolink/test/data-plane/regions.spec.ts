import type { ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { waitFor } from '@ecolink/testing';
import { answerWell, type ClientAnswer, RegionsFixture, type TestPod } from './support/regions-fixture.js';

const FIRST = 'data: {"choices":[{"delta":{"content":"begun"}}]}\n\n';
const LAST = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

let fixture: RegionsFixture;
let instances = 0;

beforeAll(async () => {
  fixture = await RegionsFixture.start(['mv', 'ga']);
}, 120_000);

afterAll(() => fixture.close());

async function regionsOf(model: string, calls: number): Promise<string[]> {
  const regions: string[] = [];
  for (let call = 0; call < calls; call += 1) {
    const { status, headers } = await fixture.call(model);
    regions.push(status === 200 ? String(headers['x-ecolink-region']) : String(status));
  }
  return regions;
}

/** Ends a pod's server; gives what starts it again on its port. */
async function stopPod({ server, host, port }: TestPod): Promise<() => Promise<void>> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
  return () => new Promise<void>((resolve) => server.listen(port, host, resolve));
}

describe('a region that is drained', () => {
  it('gets no new call from the moment on that the router knows, ends those it has, and serves again when it is active', async () => {
    const instanceId = (instances += 1);
    const model = await fixture.addInstance(instanceId, ['mv', 'ga']);
    const [mv] = fixture.podsOf(instanceId);
    if (mv === undefined) throw new Error('no pod');
    let stream: ServerResponse | undefined;
    mv.answer = (response, body, request) => {
      if (!body.includes('"stream":true')) return void answerWell(response, body, request);
      stream = response.writeHead(200, { 'content-type': 'text/event-stream' });
      stream.write(FIRST);
    };
    await waitFor(async () => (await fixture.call(model)).headers['x-ecolink-region'] === 'ga', { timeoutMs: 45_000 });
    const running = await fixture.begin(model, { stream: true });
    expect(running.headers['x-ecolink-region']).toBe('mv');
    fixture.setRegion('mv', 'draining');
    expect(new Set(await regionsOf(model, 20))).toEqual(new Set(['ga']));
    stream?.end(LAST);
    expect((await buffer(running)).toString()).toBe(FIRST + LAST);
    fixture.setRegion('mv', 'active');
    await waitFor(async () => (await regionsOf(model, 1))[0] === 'mv', { timeoutMs: 45_000, what: 'the region to serve' });
  }, 240_000);
});

describe('an instance on a file system', () => {
  it('is never called in another region: 503 names its region, and it is served without action when that is back', async () => {
    const instanceId = (instances += 1);
    // A pod elsewhere should not be; should there be one, it has not this model's files.
    const model = await fixture.addInstance(instanceId, ['mv', 'ga'], { pinned_region: 'mv' });
    const [mv, ga] = fixture.podsOf(instanceId);
    if (mv === undefined || ga === undefined) throw new Error('no pods');
    expect(new Set(await regionsOf(model, 6))).toEqual(new Set(['mv']));
    const startAgain = await stopPod(mv);
    const expectPinned = ({ status, headers, text }: ClientAnswer): void => {
      expect([status, headers['retry-after']]).toEqual([503, '2']);
      expect(text).toContain('no_healthy_pod');
      expect(text).toContain('mv');
    };
    // Before anybody has noticed, and after the probes have.
    for (let call = 0; call < 6; call += 1) expectPinned(await fixture.call(model));
    await waitFor(
      async () => {
        await fixture.publishHealth(instanceId);
        return fixture.plane.latestHealth(instanceId)?.pods.every((pod) => pod.region !== 'mv' || !pod.healthy);
      },
      { timeoutMs: 45_000, what: 'the gateway to notice' },
    );
    for (let call = 0; call < 6; call += 1) expectPinned(await fixture.call(model));
    await startAgain();
    await waitFor(
      async () => {
        await fixture.publishHealth(instanceId);
        return (await fixture.call(model)).status === 200;
      },
      { timeoutMs: 45_000, what: 'the region to serve again' },
    );
    expect(ga.got).toEqual([]);
  }, 240_000);
});

describe('turns through router and gateways', () => {
  it('stay within one call of each other over a run, for regions and for pods, also across a change', async () => {
    const instanceId = (instances += 1);
    const model = await fixture.addInstance(instanceId, ['mv', 'mv', 'ga', 'ga']);
    const pods = fixture.podsOf(instanceId);
    const spread = (some: TestPod[]): number => {
      const counts = some.map(({ got }) => got.length);
      return Math.max(...counts) - Math.min(...counts);
    };
    await regionsOf(model, 101);
    expect(spread(pods)).toBeLessThanOrEqual(1);
    // One pod goes: those of its region take turns with one pod, which is one call in three.
    const [lost, left, ...others] = pods;
    if (lost === undefined || left === undefined) throw new Error('no pods');
    await stopPod(lost);
    await waitFor(
      async () => {
        await fixture.publishHealth(instanceId);
        return fixture.plane.latestHealth(instanceId)?.pods.some((pod) => pod.pod_id === lost.podId && !pod.healthy);
      },
      { timeoutMs: 45_000, what: 'the gateway to notice' },
    );
    for (const { got } of pods) got.length = 0;
    expect(new Set(await regionsOf(model, 100))).toEqual(new Set(['mv', 'ga']));
    expect(lost.got).toEqual([]);
    expect(spread([left, ...others])).toBeLessThanOrEqual(1);
  }, 240_000);
});
