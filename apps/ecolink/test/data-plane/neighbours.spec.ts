import type { IncomingMessage, ServerResponse } from 'node:http';
import { waitFor } from '@ecolink/testing';
import { answerWell, RegionsFixture } from './support/regions-fixture.js';

const HANGING = 300;
const AT_ONCE = 1_500;
const NEIGHBOURS_CALLS = 40;
/** Of one call of the neighbour, beside what it took before; a call that waited for the hanging ones would never end. */
const SERVED_WITHIN_MS = 5_000;
/** How much longer the neighbour may take than before: a machine may have become busy meanwhile. */
const RATIO_MAX = 10;

let fixture: RegionsFixture;
let instances = 0;

beforeAll(async () => {
  fixture = await RegionsFixture.start(['mv', 'ga'], { limits: { callsPerInstanceMax: 1_000 }, podLimits: { waitMaxMs: 500 } });
}, 180_000);

afterAll(() => fixture.close());

/** Milliseconds of the slowest call, and of all. */
async function serveNeighbour(model: string): Promise<{ slowestMs: number; allMs: number }> {
  let [slowestMs, allMs] = [0, 0];
  for (let call = 0; call < NEIGHBOURS_CALLS; call += 1) {
    const at = performance.now();
    expect((await fixture.call(model)).status).toBe(200);
    const ms = performance.now() - at;
    [slowestMs, allMs] = [Math.max(slowestMs, ms), allMs + ms];
  }
  return { slowestMs, allMs };
}

describe('a pod that hangs', () => {
  it('slows no other instance through the same router and gateway', async () => {
    const [ill, well] = [(instances += 1), (instances += 1)];
    const hanging = await fixture.addInstance(ill, ['mv']);
    const neighbour = await fixture.addInstance(well, ['mv']);
    const before = await serveNeighbour(neighbour);
    const [pod] = fixture.podsOf(ill);
    if (pod === undefined) throw new Error('no pod');
    const open: ServerResponse[] = [];
    pod.answer = (response) => open.push(response);
    const calls = Array.from({ length: HANGING }, () => fixture.call(hanging));
    await waitFor(() => open.length === HANGING, { timeoutMs: 60_000, what: 'the calls to hang' });
    const beside = await serveNeighbour(neighbour);
    expect(beside.slowestMs).toBeLessThan(SERVED_WITHIN_MS + RATIO_MAX * before.slowestMs);
    expect(beside.allMs).toBeLessThan(2 * SERVED_WITHIN_MS + RATIO_MAX * before.allMs);
    for (const response of open) answerWell(response, '', {} as IncomingMessage);
    expect(new Set((await Promise.all(calls)).map(({ status }) => status))).toEqual(new Set([200]));
  }, 120_000);
});

describe('a tenant that opens more streams than its pod takes', () => {
  it('is told 503 with Retry-After for what is beyond, and slows no other tenant', async () => {
    const [greedyId, modestId] = [(instances += 1), (instances += 1)];
    const greedy = await fixture.addInstance(greedyId, ['mv']);
    const modestKey = fixture.plane.addCaller('acc_modest');
    const modest = await fixture.addInstance(modestId, ['mv'], { account_id: 'acc_modest' });
    const [pod] = fixture.podsOf(greedyId);
    if (pod === undefined) throw new Error('no pod');
    pod.answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"delta":{"content":"a"}}]}\n\n');
    };
    const streams = await Promise.all(Array.from({ length: AT_ONCE }, () => fixture.begin(greedy, { stream: true })));
    const refused = streams.filter(({ statusCode }) => statusCode !== 200);
    expect(refused.length).toBeGreaterThanOrEqual(AT_ONCE - 1_000);
    for (const { statusCode, headers } of refused) expect([statusCode, headers['retry-after']]).toEqual([503, '2']);
    for (let call = 0; call < 40; call += 1) expect((await fixture.call(modest, {}, modestKey)).status).toBe(200);
    for (const stream of streams) stream.destroy();
    await waitFor(async () => (await fixture.begin(greedy, { stream: true })).statusCode === 200, {
      timeoutMs: 60_000,
      what: 'the greedy tenant to be served again',
    });
  }, 240_000);
});

describe('more than a thousand calls at once', () => {
  it('are all answered, in both regions alike', async () => {
    const instanceId = (instances += 1);
    const model = await fixture.addInstance(instanceId, ['mv', 'ga']);
    const pods = fixture.podsOf(instanceId);
    const open: ServerResponse[] = [];
    for (const pod of pods) pod.answer = (response) => open.push(response);
    const calls = Array.from({ length: AT_ONCE }, () => fixture.call(model));
    await waitFor(() => open.length === AT_ONCE, { timeoutMs: 150_000, what: 'all calls to be at their pods' });
    for (const response of open) answerWell(response, '', {} as IncomingMessage);
    expect(new Set((await Promise.all(calls)).map(({ status }) => status))).toEqual(new Set([200]));
    expect(pods.map(({ got }) => got.length)).toEqual([AT_ONCE / 2, AT_ONCE / 2]);
  }, 240_000);
});
