import fc from 'fast-check';
import { proxiedCase, ProxyComparison } from './support/compare-proxied.js';
import { LargeBodies } from './support/large-bodies.js';

const MIB = 1_048_576;
/** Buffers of three connections and of the streams between them, whatever the length of the body. */
const HELD_BYTES_MAX = 32 * MIB;

describe('a custom instance behind router and gateway', () => {
  const comparison = new ProxyComparison();

  beforeAll(() => comparison.start(), 90_000);
  afterAll(() => comparison.close());

  it('sees every request, and is seen by every client, as if nothing stood between', async () => {
    await fc.assert(
      fc.asyncProperty(proxiedCase, async (one) => {
        const { direct, proxied } = await comparison.both(one);
        expect(proxied).toEqual(direct);
      }),
      { numRuns: 200, timeout: 20_000, endOnFailure: true },
    );
  }, 240_000);
});

describe('large bodies of a custom instance', () => {
  const bodies = new LargeBodies();

  beforeAll(() => bodies.start(), 90_000);
  afterAll(() => bodies.close());

  it('go up byte for byte, and are nowhere held whole', async () => {
    const { sent, received, heldBytes } = await bodies.upload(64 * MIB);
    expect(received.digest()).toBe(sent.digest());
    expect(heldBytes).toBeLessThan(HELD_BYTES_MAX);
  }, 120_000);

  it('come down byte for byte, and are nowhere held whole', async () => {
    const { sent, received, heldBytes } = await bodies.download(64 * MIB);
    expect(received.digest()).toBe(sent.digest());
    expect(heldBytes).toBeLessThan(HELD_BYTES_MAX);
  }, 120_000);
});
