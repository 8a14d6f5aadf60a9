import { LeavingClient } from './support/leaving-client.js';

const CALLS = 200;
/** Ordinarily a few milliseconds; other tests on the same machine may cost the slowest of many calls some more. */
const USUALLY_REACHES_POD_MS_MAX = 100;
const REACHES_POD_MS_MAX = 1_000;

let client: LeavingClient;

beforeAll(async () => {
  client = await LeavingClient.start();
}, 90_000);

afterAll(() => client.close());

describe('a client that leaves', () => {
  it.each([
    ['before its answer', false],
    ['in the middle of its stream', true],
  ])(
    'lets its pod go at once, %s',
    async (_when, stream) => {
      const took = await client.leaveMany(CALLS, stream);
      expect(took[CALLS / 2]).toBeLessThan(USUALLY_REACHES_POD_MS_MAX);
      expect(took[Math.ceil(CALLS * 0.99) - 1]).toBeLessThan(REACHES_POD_MS_MAX);
    },
    180_000,
  );
});
