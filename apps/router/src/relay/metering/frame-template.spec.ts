import fc from 'fast-check';
import { FrameTemplate } from './frame-template.js';
import { readFrame } from './read-frame.js';
import { StreamMeter } from './stream-meter.js';

type Json = Readonly<Record<string, unknown>>;

const frameOf = (value: Json, end = '\n\n'): Buffer => Buffer.from(`data: ${JSON.stringify(value)}${end}`);
const chunk = (delta: Json, more: Json = {}): Json => ({
  id: 'c',
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: null }],
  ...more,
});

function templateOf(frame: Buffer): FrameTemplate | undefined {
  return FrameTemplate.of(frame, readFrame(frame));
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }).map((value) => value.toWellFormed()),
  fc.constantFrom('', 'a', 'größer', '漢字', '"', '\\', '\n', '"content":"', '\u2028', '{"choices":[]}'),
);
const delta = fc.oneof(
  text.map((content) => ({ content })),
  text.map((content) => ({ role: 'assistant', content })),
  text.map((reasoning) => ({ reasoning_content: reasoning, content: 'same' })),
  text.map((part) => ({ tool_calls: [{ index: 0, function: { arguments: part } }] })),
  fc.tuple(text, text).map(([reasoning, content]) => ({ reasoning, content })),
);
const frame = fc.oneof(
  { weight: 8, arbitrary: delta.map((one) => frameOf(chunk(one))) },
  text.map((content) => Buffer.from(`data: ${JSON.stringify(chunk({ content })).replaceAll('":', '": ')}\r\n\r\n`)),
  text.map((content) => frameOf({ choices: [{ index: 0, text: content }] })),
  fc.tuple(text, fc.nat(9)).map(([content, count]) => frameOf(chunk({ content }, { usage: { completion_tokens: count } }))),
  text.map((content) => frameOf({ choices: [{ delta: { content }, finish_reason: 'stop' }] })),
  text.map((content) => Buffer.from(`data: {"choices":[{"delta":{"content":"a","content":${JSON.stringify(content)}}}]}\n\n`)),
  text.map((message) => frameOf({ error: { message } })),
  text.map((content) => frameOf({ choices: [], content })),
  fc.constantFrom(': ping\n\n', 'data: [DONE]\n\n', 'data: {"choices":[{"delta":{"content":"\n\n').map((one) => Buffer.from(one)),
);

describe('FrameTemplate', () => {
  it('tells the bytes of text of a frame like it, whatever alphabet it is in', () => {
    const template = templateOf(frameOf(chunk({ content: 'one' })));
    expect(template?.textBytes(frameOf(chunk({ content: 'größer' })))).toBe(8);
    expect(template?.textBytes(frameOf(chunk({ content: '' })))).toBe(0);
  });

  it('leaves to be read what has an escape, another id, or another member', () => {
    const template = templateOf(frameOf(chunk({ content: 'one' })));
    for (const other of [
      chunk({ content: 'a\nb' }),
      { ...chunk({ content: 'a' }), id: 'd' },
      chunk({ content: 'a', refusal: 'b' }),
    ])
      expect(template?.textBytes(frameOf(other))).toBeUndefined();
  });

  it('is not made of a frame that ends the answer, reports usage, or whose text is elsewhere', () => {
    expect(templateOf(frameOf({ choices: [{ delta: { content: 'a' }, finish_reason: 'stop' }] }))).toBeUndefined();
    expect(templateOf(frameOf(chunk({ content: 'a' }, { usage: { completion_tokens: 1 } })))).toBeUndefined();
    expect(templateOf(frameOf({ content: 'a', choices: [{ delta: { refusal: 'no' } }] }))).toBeUndefined();
    // Of two members of one name the last one counts.
    expect(templateOf(Buffer.from('data: {"choices":[{"delta":{"content":"a","content":"b"}}]}\n\n'))).toBeUndefined();
  });
});

describe('StreamMeter', () => {
  it('reads of any stream what reading each of its frames would give', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 40 }), (frames) => {
        const meter = new StreamMeter();
        const kinds = frames.map((one) => meter.read(one));
        const readings = frames.map((one) => readFrame(one));
        expect(kinds).toEqual(readings.map((one) => one.kind));
        expect(meter.outputBytes).toBe(readings.reduce((sum, one) => sum + one.bytes, 0));
        expect(meter.usage).toEqual(readings.findLast((one) => one.usage !== undefined)?.usage);
        expect(meter.sawFinish).toBe(readings.some((one) => one.finishes));
      }),
      { numRuns: 2_000 },
    );
  });
});
