import fc from 'fast-check';
import { proxiedCase, ProxyComparison } from '../data-plane/support/compare-proxied.js';
import { LargeBodies } from '../data-plane/support/large-bodies.js';

const MIB = 1_048_576;
const GIB = 1_024 * MIB;
const HELD_BYTES_MAX = 32 * MIB;
const CASES = 10_000;
const CASE_TIMEOUT_MS = 10_000;
const TIMEOUT_MS = 1_200_000;

describe('a custom instance behind router and gateway', () => {
  const comparison = new ProxyComparison();

  beforeAll(() => comparison.start(), TIMEOUT_MS);
  afterAll(() => comparison.close());

  it(
    'sees every request, and is seen by every client, as if nothing stood between',
    async () => {
      await fc.assert(
        fc.asyncProperty(proxiedCase, async (one) => {
          const { direct, proxied } = await comparison.both(one);
          expect(proxied).toEqual(direct);
        }),
        { numRuns: CASES, timeout: CASE_TIMEOUT_MS, endOnFailure: true },
      );
    },
    TIMEOUT_MS,
  );
});

describe('bodies of a gibibyte', () => {
  const bodies = new LargeBodies();

  beforeAll(() => bodies.start(), TIMEOUT_MS);
  afterAll(() => bodies.close());

  it(
    'go up and come down byte for byte, and are nowhere held whole',
    async () => {
      for (const transfer of [await bodies.upload(GIB), await bodies.download(GIB)]) {
        expect(transfer.received.digest()).toBe(transfer.sent.digest());
        expect(transfer.heldBytes).toBeLessThan(HELD_BYTES_MAX);
      }
    },
    TIMEOUT_MS,
  );
});
