import fc from 'fast-check';
import { readJsonAnswer } from './json-meter.js';
import { endsFrame, frameData, SseFrameSplitter } from './sse-frames.js';
import { StreamMeter } from './stream-meter.js';
import { NO_OUTPUT, readUsage, unitsOf } from './usage-reading.js';

const COUNT_MAX = 100_000_000;

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
    splitter.feed(bytes.subarray(start, cut));
    for (let frame = splitter.next(); frame !== undefined; frame = splitter.next()) frames.push(frame);
    start = cut;
  }
  const rest = splitter.end();
  return rest.length === 0 ? frames : [...frames, rest];
}

/** A line end that was cut in its middle belongs to the frame that it ends. */
function joined(frames: readonly Buffer[]): string[] {
  return frames.reduce<string[]>((all, frame) => {
    const text = frame.toString();
    const before = all.at(-1);
    if (before?.endsWith('\r') !== true || !text.startsWith('\n')) return [...all, text];
    const rest = text.slice(1);
    return [...all.slice(0, -1), `${before}\n`, ...(rest === '' ? [] : [rest])];
  }, []);
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
        expect(joined(frames)).toEqual(joined(split(stream, [])));
      }),
    );
  });

  it('joins the data lines of a frame', () => {
    expect(split(STREAMS.leadingBlank, []).map((frame) => frameData(frame))).toEqual(['x', 'a\nb', undefined]);
  });

  it('passes a run of blank lines on with the frame that follows it, however it arrives', () => {
    const run = '\n'.repeat(50_000);
    expect(split(`${run}data: x\n\n`, []).map(String)).toEqual([`${run}data: x\n\n`]);
    const places = Array.from({ length: 50_000 }, (_unused, index) => index);
    expect(split(`${run}data: x\n\n`, places).map(String)).toEqual([`${run}data: x\n\n`]);
  });

  it('gives a run of blank lines without an end away in large pieces', () => {
    const frames = split('\n'.repeat(1_000_000), [100_000, 300_000, 500_000, 700_000]);
    expect(frames.length).toBeLessThanOrEqual(6);
    expect(Buffer.concat(frames)).toHaveLength(1_000_000);
  });

  it('takes a bare CR for the end of a line', () => {
    const frames = split('data: a\r\rdata: b\rdata: c\r\r: d\r\r', []);
    expect(frames.map((frame) => [frameData(frame), endsFrame(frame)])).toEqual([
      ['a', true],
      ['b\nc', true],
      [undefined, true],
    ]);
  });

  it.each([
    ['blank lines', '\n'],
    ['blank lines of CR LF', '\r\n'],
    ['lines of one byte', 'x\n'],
    ['lines of one byte that end in CR', 'x\r'],
    ['comments without text', ':\n\n'],
    ['one endless line', 'xxxxxxxxxxxxxxxx'],
  ])('cuts 4 MiB of %s in a time that grows with the bytes alone', (_name, piece) => {
    const timeFor = (bytes: number): number => {
      const stream = piece.repeat(bytes / piece.length);
      const startedAt = performance.now();
      split(stream, [bytes / 4, bytes / 2]);
      return performance.now() - startedAt;
    };
    let [short, long] = [Infinity, Infinity];
    const isLinear = (): boolean => long < 14 * Math.max(short, 5);
    for (let round = 0; round < 9 && (round < 3 || !isLinear()); round += 1)
      [short, long] = [Math.min(short, timeFor(1_048_576)), Math.min(long, timeFor(4_194_304))];
    // Quadratic would be 16 times as long; four is linear, and the machine may be busy.
    expect([isLinear(), short, long]).toEqual([true, short, long]);
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

  it('adds up what each choice has made where usage comes with every frame', () => {
    const frame = (index: number, tokens: number): string =>
      `data: {"choices":[{"index":${index},"delta":{"content":"abcdefgh"}}],"usage":{"prompt_tokens":3,"completion_tokens":${tokens}}}\n\n`;
    const { meter: read } = meter(frame(0, 1) + frame(1, 1) + frame(0, 2) + frame(1, 2) + frame(1, 3));
    expect([read.usage, read.isCounted]).toEqual([{ inputTokens: 3, outputTokens: 5, cachedInputTokens: undefined }, true]);
  });

  it('keeps count of what was delivered after the last report', () => {
    const early = 'data: {"choices":[{"delta":{"role":"assistant"}}],"usage":{"prompt_tokens":3,"completion_tokens":0}}\n\n';
    const { meter: read } = meter(`${early}data: {"choices":[{"delta":{"content":"abcdefgh"}}]}\n\n`);
    expect([read.uncounted, read.isCounted]).toEqual([{ bytes: 8, frames: 1 }, false]);
    expect(unitsOf(read.usage, 9, read.uncounted).units).toEqual({ requests: 1, input_tokens: 3, output_tokens: 2 });
  });

  it('passes a frame of more values than any model sends on unread', () => {
    expect(meter(`data: {"choices":[${'0,'.repeat(30_000)}0],"usage":{"prompt_tokens":1}}\n\n`)).toMatchObject({
      kinds: ['other'],
      meter: { usage: undefined },
    });
  });

  it('does not take a null usage for a report', () => {
    expect(meter('data: {"choices":[{"delta":{"content":"a"}}],"usage":null}\n\n').meter.usage).toBeUndefined();
  });
});

describe('readUsage', () => {
  it('takes a count above 100 million for no report', () => {
    expect(readUsage({ prompt_tokens: 100_000_000, completion_tokens: 100_000_001 })).toEqual({
      inputTokens: 100_000_000,
      outputTokens: undefined,
      cachedInputTokens: undefined,
    });
    expect(readUsage({ prompt_tokens: Number.MAX_SAFE_INTEGER, completion_tokens: 1e300 })).toBeUndefined();
  });
});

describe('unitsOf', () => {
  it('leaves an explicit zero zero', () => {
    expect(unitsOf({ inputTokens: 0, outputTokens: 0, cachedInputTokens: undefined }, 100, NO_OUTPUT)).toEqual({
      units: { requests: 1, input_tokens: 0, output_tokens: 0 },
      estimated: false,
    });
  });

  it('counts four bytes a token, rounded up, where nothing was reported', () => {
    const units = { requests: 1, input_tokens: 3, output_tokens: 2 };
    expect(unitsOf(undefined, 3, { bytes: 5, frames: 0 })).toEqual({ units, estimated: true });
  });

  it('counts a token for every frame with output where their bytes are fewer', () => {
    expect(unitsOf(undefined, 3, { bytes: 5, frames: 4 }).units.output_tokens).toBe(4);
  });

  it('counts no token as cached where more are reported than the prompt has', () => {
    expect(unitsOf({ inputTokens: 10, outputTokens: 1, cachedInputTokens: 100_000 }, 0, NO_OUTPUT)).toEqual({
      units: { requests: 1, input_tokens: 10, output_tokens: 1, cached_input_tokens: 0 },
      estimated: false,
      cachedAboveInput: true,
    });
  });

  it('does not call an embedding estimated for having no output', () => {
    expect(unitsOf({ inputTokens: 5, outputTokens: undefined, cachedInputTokens: undefined }, 20, NO_OUTPUT)).toEqual({
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
    const usage = fc.record({
      prompt_tokens: fc.nat(COUNT_MAX),
      completion_tokens: fc.nat(COUNT_MAX),
      note: fc.string({ unit: 'binary' }),
    });
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
