import { answerWell, answerWith, type PodAnswer, RegionsFixture } from './support/regions-fixture.js';

let fixture: RegionsFixture;
let instances = 0;

beforeAll(async () => {
  fixture = await RegionsFixture.start(['mv', 'ga']);
}, 120_000);

afterAll(() => fixture.close());

const breakOff: PodAnswer = (response) => response.destroy();

async function statuses(model: string, calls: number, body: Record<string, unknown> = {}): Promise<Set<number>> {
  const seen = new Set<number>();
  for (let call = 0; call < calls; call += 1) seen.add((await fixture.call(model, body)).status);
  return seen;
}

describe('a pod that fails its calls at once, while its probes are well', () => {
  it.each<[string, string[], PodAnswer]>([
    ['answers 500, beside well ones in its region and another', ['mv', 'mv', 'ga'], answerWith(500)],
    ['answers 503, beside one well one in its only region', ['mv', 'mv'], answerWith(503)],
    ['breaks off', ['mv', 'mv', 'ga'], breakOff],
  ])(
    'gets less traffic, not more, and no client sees it: %s',
    async (_how, regions, answer) => {
      const instanceId = (instances += 1);
      const model = await fixture.addInstance(instanceId, regions);
      const [failing, ...well] = fixture.podsOf(instanceId);
      if (failing === undefined) throw new Error('no pod');
      failing.answer = answer;
      const calls = 150;
      expect(await statuses(model, calls)).toEqual(new Set([200]));
      const [before, others] = [failing.got.length, Math.min(...well.map(({ got }) => got.length))];
      // Two failures take it out for 5 s, one more after its return for 10 s: a fraction of the share it would have had.
      expect(before).toBeLessThanOrEqual(10);
      expect(others).toBeGreaterThan(4 * before);
    },
    240_000,
  );
});

describe('a client whose requests fail on every pod', () => {
  it.each([400, 422, 429, 500, 503])(
    'takes no pod and no region from anybody: %i',
    async (status) => {
      const instanceId = (instances += 1);
      const model = await fixture.addInstance(instanceId, ['mv', 'mv', 'ga', 'ga']);
      const pods = fixture.podsOf(instanceId);
      for (const pod of pods) {
        pod.answer = (response, body, request) =>
          (body.includes('poison') ? answerWith(status) : answerWell)(response, body, request);
      }
      const poison = { messages: [{ role: 'user', content: 'poison' }] };
      for (let round = 0; round < 20; round += 1) {
        expect(await statuses(model, 2, poison)).toEqual(new Set([status]));
        expect(await statuses(model, 1)).toEqual(new Set([200]));
      }
      for (const { got } of pods) got.length = 0;
      expect(await statuses(model, 40)).toEqual(new Set([200]));
      const shares = pods.map(({ got }) => got.length);
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
    },
    240_000,
  );
});
