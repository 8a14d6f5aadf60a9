import fc from 'fast-check';
import { ENGINE_STREAMS, relayedText, sentText } from '../support/engine-streams.js';
import { cutAt, relayPieces } from '../support/relay-pieces.js';

const TIMEOUT_MS = 600_000;

describe('a relayed stream', () => {
  it.each(ENGINE_STREAMS)(
    'is the pod’s, byte for byte but for frames without choices, wherever it is cut twice: $engine',
    async (stream) => {
      const bytes = Buffer.from(sentText(stream));
      const expected = relayedText(stream);
      for (let first = 0; first <= bytes.length; first += 1) {
        for (let length = 0; length <= 8 && first + length <= bytes.length; length += 1) {
          const relayed = await relayPieces(cutAt(bytes, [first, first + length]));
          if (relayed !== expected) throw new Error(`cut at bytes ${first} and ${first + length}: ${relayed}`);
        }
      }
    },
    TIMEOUT_MS,
  );

  it(
    'is whole however it is cut, and whatever streams are made of',
    async () => {
      const streams = fc.constantFrom(...ENGINE_STREAMS);
      const cuts = fc.array(fc.nat(2_000), { maxLength: 40 });
      await fc.assert(
        fc.asyncProperty(streams, cuts, async (stream, places) => {
          const bytes = Buffer.from(sentText(stream));
          const inside = places.filter((place) => place < bytes.length).sort((left, right) => left - right);
          expect(await relayPieces(cutAt(bytes, inside))).toBe(relayedText(stream));
        }),
        { numRuns: 20_000 },
      );
    },
    TIMEOUT_MS,
  );
});
