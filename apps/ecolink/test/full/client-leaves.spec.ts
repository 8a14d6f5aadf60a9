import { LeavingClient } from '../data-plane/support/leaving-client.js';

const CALLS = 200;
const REACHES_POD_MS_MAX = 100;

let client: LeavingClient;

beforeAll(async () => {
  client = await LeavingClient.start();
}, 30_000);

afterAll(() => client.close());

describe('a client that leaves, with the machine to itself', () => {
  it.each([
    ['before its answer', false],
    ['in the middle of its stream', true],
  ])(
    'ends its pod’s work within 100 ms in 99 of 100 calls, %s',
    async (_when, stream) => {
      const took = await client.leaveMany(CALLS, stream);
      const p99 = took[Math.ceil(CALLS * 0.99) - 1];
      console.log(`a client left: p50 ${took[CALLS / 2]?.toFixed(1)} ms, p99 ${p99?.toFixed(1)} ms to the pod`);
      expect(p99).toBeLessThanOrEqual(REACHES_POD_MS_MAX);
    },
    60_000,
  );
});
