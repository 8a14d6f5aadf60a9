import { ENGINE_STREAMS, relayedText, sentText } from './support/engine-streams.js';
import { cutAt, relayPieces } from './support/relay-pieces.js';

describe('a relayed stream', () => {
  it.each(ENGINE_STREAMS)(
    'is the pod’s, byte for byte but for frames without choices, wherever it is cut: $engine',
    async (stream) => {
      const bytes = Buffer.from(sentText(stream));
      const expected = relayedText(stream);
      for (let place = 0; place <= bytes.length; place += 1) {
        const relayed = await relayPieces(cutAt(bytes, [place]));
        if (relayed !== expected) throw new Error(`cut at byte ${place}: ${relayed}`);
      }
      expect(await relayPieces([...bytes].map((byte) => Buffer.from([byte])))).toBe(expected);
    },
  );
});
