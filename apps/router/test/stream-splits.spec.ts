import { ENGINE_STREAMS, relayedText, sentText } from './support/engine-streams.js';
import { cutAt, relayPieces } from './support/relay-pieces.js';

describe('a relayed stream', () => {
  it.each(ENGINE_STREAMS)('goes out frame by frame, each in the tick in which its last byte arrives: $engine', async (stream) => {
    const sent = sentText(stream);
    const relayed = relayedText(stream);
    // Every blank line ends a frame; what is dropped goes out never, so that what is out is always a beginning of the whole.
    const frames = sent.split(/(?<=\n\r?\n)/);
    let arrived = 0;
    const out: number[] = [];
    await relayPieces(
      frames.map((frame) => Buffer.from(frame)),
      (text) => {
        expect(relayed.startsWith(text)).toBe(true);
        const frame = frames[arrived] ?? '';
        arrived += 1;
        out.push(text.length);
        if (relayed.includes(frame)) expect(text.endsWith(frame)).toBe(true);
      },
    );
    expect(out.at(-1)).toBe(relayed.length);
  });

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
