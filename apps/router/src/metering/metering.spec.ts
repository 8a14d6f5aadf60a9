import fc from 'fast-check';
import { readJsonAnswer } from './json-meter.js';
import { SseFrameSplitter, frameData } from './sse-frames.js';
import { StreamMeter } from './stream-meter.js';
import { unitsOf } from './usage-reading.js';

const STREAMS = {
  openai:
    'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\ndata: {"choices":[{"delta":{"content":"hä"},"finish_reason":null}]}\n\ndata: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\ndata: [DONE]\n\n',
  crlf: 'event: message\r\ndata: {"choices":[{"text":"a"}]}\r\n\r\n: ping\r\n\r\ndata: [DONE]\r\n\r\n',
  leadingBlank: '\n\n\ndata: x\n\ndata: a\ndata: b\n\nid: 7\n\ntail without end',
};

function split(stream: string, cuts: number[]): Buffer[] {
  const bytes = Buffer.from(stream);
  const splitter = new SseFrameSplitter();
  const frames: Buffer[] = [];
  let start = 0;
  for (const cut of [...cuts, bytes.length]) {
    frames.push(...splitter.push(bytes.subarray(start, cut)));
    start = cut;
  }
  const rest = splitter.end();
  return rest.length === 0 ? frames : [...frames, rest];
}

describe('SseFrameSplitter', () => {
  it.each(Object.entries(STREAMS))('gives the same frames of %s wherever one cut falls', (_name, stream) => {
    const whole = split(stream, []).map(String);
    for (let cut = 0; cut <= Buffer.byteLength(stream); cut += 1) expect(split(stream, [cut]).map(String)).toEqual(whole);
  });

  it('gives back every byte, in frames that do not depend on how any bytes were cut', () => {
    const pieces = fc.constantFrom('data: x', '\n', '\r\n', '\n\n', '\r\n\r\n', ': c', 'ä', 'event: e', '\r');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), fc.array(fc.nat(200), { maxLength: 6 }), (parts, cuts) => {
        const stream = parts.join('');
        const places = cuts.filter((cut) => cut <= Buffer.byteLength(stream)).sort((a, b) => a - b);
        const frames = split(stream, places);
        expect(Buffer.concat(frames).toString()).toBe(stream);
        expect(frames.map(String)).toEqual(split(stream, []).map(String));
      }),
    );
  });

  it('joins the data lines of a frame', () => {
    expect(split(STREAMS.leadingBlank, []).map((frame) => frameData(frame))).toEqual([
      undefined,
      undefined,
      undefined,
      'x',
      'a\nb',
      undefined,
    ]);
  });
});

function meter(stream: string): { meter: StreamMeter; kinds: string[] } {
  const one = new StreamMeter();
  return { meter: one, kinds: split(stream, []).map((frame) => one.read(frame).kind) };
}

describe('StreamMeter', () => {
  it('reads usage, text and the end of a stream', () => {
    const { meter: read, kinds } = meter(STREAMS.openai);
    expect(kinds).toEqual(['content', 'content', 'content', 'empty_choices', 'done']);
    expect(read.usage).toMatchObject({ inputTokens: 3, outputTokens: 2 });
    expect([read.outputBytes, read.sawFinish]).toEqual([3, true]);
  });

  it('knows an error object inside a 200 stream', () => {
    expect(meter('data: {"error":{"message":"out of memory","code":500}}\n\n').kinds).toEqual(['error']);
    expect(meter('data: {"object":"error","message":"x"}\n\n').kinds).toEqual(['error']);
  });

  it('does not take a null usage for a report', () => {
    expect(meter('data: {"choices":[{"delta":{"content":"a"}}],"usage":null}\n\n').meter.usage).toBeUndefined();
  });
});

describe('unitsOf', () => {
  it('leaves an explicit zero zero', () => {
    expect(unitsOf({ inputTokens: 0, outputTokens: 0, cachedInputTokens: undefined }, 400, 400)).toEqual({
      units: { requests: 1, input_tokens: 0, output_tokens: 0 },
      estimated: false,
    });
  });

  it('counts four bytes a token, rounded up, where nothing was reported', () => {
    expect(unitsOf(undefined, 9, 5)).toEqual({ units: { requests: 1, input_tokens: 3, output_tokens: 2 }, estimated: true });
  });

  it('does not call an embedding estimated for having no output', () => {
    expect(unitsOf({ inputTokens: 5, outputTokens: undefined, cachedInputTokens: undefined }, 20, 0)).toEqual({
      units: { requests: 1, input_tokens: 5, output_tokens: 0 },
      estimated: false,
    });
  });
});

describe('readJsonAnswer', () => {
  it('reads cached tokens, and nothing from what is no object', () => {
    const answer = readJsonAnswer(
      Buffer.from(
        '{"choices":[{"message":{"content":"ab"}}],"usage":{"prompt_tokens":9,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":4}}}',
      ),
    );
    expect(answer.usage).toEqual({ inputTokens: 9, outputTokens: 1, cachedInputTokens: 4 });
    expect(readJsonAnswer(Buffer.from('oops')).usage).toBeUndefined();
  });

  it('takes for usage what JSON.parse would, wherever it stands', () => {
    const usage = fc.record({ prompt_tokens: fc.nat(), completion_tokens: fc.nat(), note: fc.string({ unit: 'binary' }) });
    const other = fc.oneof(
      fc.json(),
      fc.constantFrom('"\\"usage\\":{"', '{"usage":{"prompt_tokens":1,"completion_tokens":1}}', '[[{}]]'),
    );
    const member = fc.oneof(
      fc.tuple(fc.string({ unit: 'binary' }), other).map(([name, json]) => `${JSON.stringify(name)}: ${json}`),
      fc.tuple(fc.constantFrom('"usage"', '"\\u0075sage"'), usage).map(([name, value]) => `${name}\n:${JSON.stringify(value)}`),
    );
    fc.assert(
      fc.property(fc.array(member, { maxLength: 5 }), (members) => {
        const text = ` {${members.join(' , ')}} `;
        const expected = (JSON.parse(text) as { usage?: { prompt_tokens: number; completion_tokens: number } }).usage;
        expect(readJsonAnswer(Buffer.from(text)).usage).toEqual(
          expected === undefined
            ? undefined
            : { inputTokens: expected.prompt_tokens, outputTokens: expected.completion_tokens, cachedInputTokens: undefined },
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it('is not upset by what is not JSON', () => {
    const piece = fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', '"usage":', '{"prompt_tokens":1', 'ü', '\u0000', ' ');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expect(() => readJsonAnswer(Buffer.from(`{${pieces.join('')}`))).not.toThrow();
      }),
      { numRuns: 2_000 },
    );
  });

  it('counts what was written where the usage tells no output tokens', () => {
    const choices = '"choices":[{"message":{"content":"ab","reasoning":"ü"}},{"text":"c"}]';
    expect(readJsonAnswer(Buffer.from(`{${choices}}`))).toEqual({ usage: undefined, outputBytes: 5 });
    expect(readJsonAnswer(Buffer.from(`{${choices},"usage":{"prompt_tokens":9}}`)).outputBytes).toBe(5);
  });
});
