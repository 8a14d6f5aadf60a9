import type { UsageRecorded } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import { type Answer, type GatewayAnswer, RouterFixture, type StubGateway } from './support/router-fixture.js';

let fixture: RouterFixture;
let mv: StubGateway;
let ga: StubGateway;
let strangersKey: string;

beforeAll(async () => {
  fixture = await RouterFixture.start();
  mv = await fixture.addRegion('mv');
  ga = await fixture.addRegion('ga');
  fixture.addInstance(7, ['mv', 'mv'], { category: 'video', model_name: 'my-filmmaker', served_model_name: 'wan' });
  strangersKey = fixture.plane.addCaller('acc_stranger');
});

afterAll(() => fixture.close());

const PATH = '/v1/video/generations';
const say =
  (status: number, body: object, headers: Record<string, string> = {}): GatewayAnswer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

let jobsMade = 0;

async function begin(body: object = {}): Promise<{ answer: Answer; id: string }> {
  jobsMade += 1;
  mv.answer = say(202, { id: `pod/job ${jobsMade}`, status: 'queued' }, { 'x-ecolink-pod': 'pod_1' });
  const answer = await fixture.call(PATH, { body: JSON.stringify({ model: 'my-filmmaker:7', prompt: 'wave', ...body }) });
  const { id } = JSON.parse(answer.text) as { id: string };
  return { answer, id };
}

/** So that tests do not use up each other's jobs at once. */
async function end(id: string): Promise<void> {
  mv.answer = say(200, { id: 'pod/job 1', status: 'completed' });
  await fixture.call(`${PATH}/${id}`);
}

describe('a video job', () => {
  it('gets an id of ours, is billed by its seconds, and is polled at its pod under the pod’s own id', async () => {
    const { answer, id } = await begin({ seconds: '6' });
    expect([answer.status, id.startsWith('video_')]).toEqual([202, true]);
    mv.answer = say(200, { id: 'pod/job 1', status: 'completed', data: [] });
    const polled = await fixture.call(`${PATH}/${id}`);
    expect(JSON.parse(polled.text)).toEqual({ id, status: 'completed', data: [] });
    expect(mv.seen.at(-1)).toMatchObject({ method: 'GET', path: `${PATH}/pod%2Fjob%201`, instanceId: 7 });
    // The other pod of the region is left alone.
    expect(mv.seen.at(-1)?.headers['x-ecolink-tried-pods']).toBe('pod_0');
    expect(ga.seen).toEqual([]);
    const requestId = answer.headers['x-ecolink-request-id'];
    const usage = await waitFor(
      (): UsageRecorded | undefined => fixture.plane.usage.find((one) => one.request_id === requestId),
      {
        timeoutMs: 20_000,
        what: 'the usage record',
      },
    );
    expect(usage).toMatchObject({ units: { requests: 1, video_milliseconds: 6_000 }, billable: true });
    expect(fixture.plane.usage.some((one) => one.request_id === polled.headers['x-ecolink-request-id'])).toBe(false);
  });

  it('is nobody else’s, and no forged id is one', async () => {
    const { id } = await begin();
    const foreign = await fixture.call(`${PATH}/${id}`, { key: strangersKey });
    const forged = await fixture.call(`${PATH}/${id.slice(0, -6)}AAAAAA`);
    const madeUp = await fixture.call(`${PATH}/pod%2Fjob%201`);
    expect([foreign, forged, madeUp].map(({ status, text }) => [status, text.includes('no such video job')])).toEqual([
      [404, true],
      [404, true],
      [404, true],
    ]);
    await end(id);
  });

  it('is one of five at once, until a poll says that one is over', async () => {
    const jobs = [];
    for (let count = 0; count < 5; count += 1) jobs.push(await begin());
    const refused = await fixture.call(PATH, { body: '{"model":"my-filmmaker:7","prompt":"one more"}' });
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '10']);
    await end(jobs[0]?.id ?? '');
    const again = await begin();
    expect(again.answer.status).toBe(202);
    for (const { id } of [...jobs.slice(1), again]) await end(id);
  });

  it('that has failed is recorded as one to give back before the caller hears of it, once however often it is asked for', async () => {
    const { answer, id } = await begin({ seconds: '6' });
    const begun = String(answer.headers['x-ecolink-request-id']);
    const refunds = () => fixture.plane.usage.filter(({ refund_of: of }) => of === begun);
    mv.answer = say(200, { id: `pod/job ${jobsMade}`, status: 'in_progress' });
    await fixture.call(`${PATH}/${id}`);
    mv.answer = say(200, { id: `pod/job ${jobsMade}`, status: 'failed', error: { code: 'generation_failed' } });
    const polls = [await fixture.call(`${PATH}/${id}`), await fixture.call(`${PATH}/${id}`), await fixture.call(`${PATH}/${id}`)];
    expect(polls.map(({ status, text }) => [status, JSON.parse(text).status])).toEqual(Array(3).fill([200, 'failed']));
    await waitFor(() => refunds()[0], { timeoutMs: 20_000, what: 'the record of the failure' });
    expect(refunds()).toEqual([
      expect.objectContaining({
        ...{ request_id: polls[0]?.headers['x-ecolink-request-id'], account_id: 'acc_owner', instance_id: 7, region: 'mv' },
        ...{ units: { requests: 0 }, billable: false, outcome: 'failed', endpoint: PATH },
      }),
    ]);
  });

  it('that a pod refuses is not billed, and takes no place', async () => {
    for (let count = 0; count < 6; count += 1) {
      mv.answer = say(400, { error: { message: 'too long' } });
      const answer = await fixture.call(PATH, { body: '{"model":"my-filmmaker:7","prompt":"x"}' });
      expect([answer.status, answer.text]).toEqual([400, '{"error":{"message":"too long"}}']);
    }
  });
});
