import { type Answer, closeAll, type DataPlaneFixture, startDataPlane, startPod } from './support/data-plane-fixture.js';

afterEach(closeAll);

interface Pods {
  readonly gateway: DataPlaneFixture;
  /** How many calls each pod got, by its id. */
  readonly got: Record<string, number>;
  call(headers?: Record<string, string>): Promise<Answer>;
}

/** Pods `pod_0`, `pod_1`, …: each answers with its status. */
async function startPods(...statuses: number[]): Promise<Pods> {
  const gateway = await startDataPlane();
  const got: Record<string, number> = {};
  const urls: string[] = [];
  for (const [index, status] of statuses.entries()) {
    const podId = `pod_${index}`;
    const pod = await startPod((_request, response) => {
      got[podId] = (got[podId] ?? 0) + 1;
      response.writeHead(status).end(podId);
    });
    urls.push(pod.url);
  }
  gateway.setPods(5, urls);
  return { gateway, got, call: (headers = {}) => gateway.call('/5/', { headers }) };
}

const named = (answer: Answer) => [answer.status, answer.headers['x-ecolink-pod']];

describe('a pod that fails calls', () => {
  it.each([500, 502, 503, 504])('is named with its %i, so that its router can tell what became of the call', async (status) => {
    const { call } = await startPods(status);
    expect(named(await call())).toEqual([status, 'pod_0']);
  });

  it('is named when it breaks off, too', async () => {
    const breaking = await startPod((request) => request.socket.destroy());
    const gateway = await startDataPlane();
    gateway.setPods(5, [breaking.url]);
    const answer = await gateway.call('/5/');
    expect([...named(answer), answer.headers['x-ecolink-gateway-error']]).toEqual([502, 'pod_0', 'connection_lost']);
  });

  it('does not get a call again that it failed, while there is another pod; the other is named', async () => {
    const { call, got } = await startPods(500, 200);
    for (let count = 0; count < 10; count += 1)
      expect(named(await call({ 'x-ecolink-tried-pods': 'pod_0' }))).toEqual([200, 'pod_1']);
    expect(got).toEqual({ pod_1: 10 });
    const alone = await startPods(500);
    expect(named(await alone.call({ 'x-ecolink-tried-pods': 'pod_0' }))).toEqual([500, 'pod_0']);
  });

  it('is left out once two calls in a row that it failed were answered well by another pod', async () => {
    const { call, got, gateway } = await startPods(500, 200);
    const failed = { 'x-ecolink-failed-pods': 'pod_0' };
    await call(failed);
    expect(gateway.ejected).toEqual([]);
    await call(failed);
    expect(gateway.ejected).toEqual(['pod_0']);
    const before = got['pod_0'];
    for (let count = 0; count < 20; count += 1) expect((await call()).status).toBe(200);
    expect(got['pod_0']).toBe(before);
  });

  it('stays where it answers other calls well in between, and however much it fails what nobody answers', async () => {
    const well = await startPods(200, 200);
    for (let count = 0; count < 5; count += 1) {
      await well.call({ 'x-ecolink-failed-pods': 'pod_0' });
      for (let other = 0; other < 3; other += 1) await well.call();
    }
    expect(well.gateway.ejected).toEqual([]);
    const poisoned = await startPods(500, 200);
    for (let count = 0; count < 40; count += 1) await poisoned.call();
    expect(poisoned.got).toEqual({ pod_0: 20, pod_1: 20 });
  });

  it('still gets calls when all pods are out: the evidence of calls alone leaves nobody without a pod', async () => {
    const { call, got, gateway } = await startPods(500, 500);
    await call({ 'x-ecolink-failed-pods': 'pod_0,pod_1' });
    await call({ 'x-ecolink-failed-pods': 'pod_0,pod_1' });
    expect(gateway.ejected).toEqual(['pod_0', 'pod_1']);
    for (let count = 0; count < 8; count += 1) await call();
    expect(got).toEqual({ pod_0: 5, pod_1: 5 });
  });

  it('is nobody that a router names by mistake', async () => {
    const { call, gateway } = await startPods(200);
    const names = { 'x-ecolink-failed-pods': ',pod_9,__proto__', 'x-ecolink-tried-pods': 'pod_9' };
    for (let count = 0; count < 3; count += 1) expect((await call(names)).status).toBe(200);
    expect(gateway.ejected).toEqual([]);
  });
});
