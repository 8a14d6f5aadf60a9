import { relayPieces, cutAt } from './support/relay-pieces.js';

/**
 * Streams as engines send them, with all that makes one unlike another. What the client gets is compared byte for byte with what came,
 * but for the frames without choices, which a client that did not ask is spared.
 */
const frame = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const chunk = (choices: unknown[], more: object = {}): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1_764_500_000,
  model: 'm',
  choices,
  ...more,
});
const delta = (fields: object, more: object = {}): object => ({ index: 0, delta: fields, finish_reason: null, ...more });
const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };
const LAST = frame(chunk([delta({}, { finish_reason: 'stop' })]));
const DONE = 'data: [DONE]\n\n';
const long = 'a"\\b\u00e9{}'.repeat(14_000);

const KEPT: Readonly<Record<string, string>> = {
  'vLLM: reasoning deltas': [
    frame(chunk([delta({ role: 'assistant', content: '' })])),
    frame(chunk([delta({ reasoning_content: 'let me think' })])),
    frame(chunk([delta({ reasoning: 'some more', content: null })])),
    frame(chunk([delta({ content: 'four' }, { logprobs: null, stop_reason: null, token_ids: null })])),
    LAST,
  ].join(''),
  'OpenAI: parallel tool calls of 100 KB': [
    frame(chunk([delta({ role: 'assistant', content: null, tool_calls: [0, 1].map((index) => call(index, `f${index}`, '')) })])),
    ...[0, 1].map((index) => frame(chunk([delta({ tool_calls: [{ index, function: { arguments: long } }] })]))),
    frame(chunk([delta({}, { finish_reason: 'tool_calls' })])),
  ].join(''),
  'OpenAI: log probabilities': [
    frame(
      chunk([
        delta({ content: 'Hi' }, { logprobs: { content: [{ token: 'Hi', logprob: -0.1, bytes: [72, 105], top_logprobs: [] }] } }),
      ]),
    ),
    frame(chunk([delta({ content: ' there' }, { logprobs: { content: [{ token: ' there', logprob: -1e-9, bytes: null }] } })])),
    LAST,
  ].join(''),
  'SGLang: usage in every frame, with choices': [
    frame(chunk([delta({ content: 'a' })], { usage: { ...usage, completion_tokens: 1 } })),
    frame(chunk([delta({ content: 'b' })], { usage: { ...usage, completion_tokens: 2 } })),
    frame(chunk([delta({}, { finish_reason: 'stop' })], { usage })),
  ].join(''),
  'audio deltas, refusals and unknown fields': [
    frame(
      chunk([delta({ audio: { id: 'a', data: 'UklGRg==', transcript: 'x', expires_at: 1 } })], {
        service_tier: 'default',
        obfuscation: 'q',
      }),
    ),
    frame(chunk([delta({ refusal: 'no' })], { nvext: { anything: [1, { deep: null }] } })),
    LAST,
  ].join(''),
  'llama.cpp: timings beside the choices': [
    frame(chunk([delta({ content: 'x' })])),
    frame(chunk([delta({}, { finish_reason: 'stop' })], { timings: { predicted_ms: 1.25, draft_n: 0 } })),
  ].join(''),
  'comments, names, ids and lines that end in CRLF': [
    ': keep-alive\n\n',
    `event: message\r\nid: 7\r\ndata: ${JSON.stringify(chunk([delta({ content: 'x' })]))}\r\n\r\n`,
    `data:${JSON.stringify(chunk([delta({ content: 'no blank' })]))}\n\n`,
    'retry: 3000\n\n',
    LAST,
  ].join(''),
  'numbers and escapes that a parser would write differently': [
    'data: {"id":"x","choices":[{"index":0,"delta":{"content":"\\u00e9\\/ \\ud83d\\ude00"},"p":1.0e2,"q":12345678901234567890}]}\n\n',
    LAST,
  ].join(''),
};

const SPARED: Readonly<Record<string, string>> = {
  'the usage that the product asked for': frame(chunk([], { usage })),
  'a first frame with the prompt’s filters': frame(chunk([], { prompt_filter_results: [{ prompt_index: 0 }] })),
};

describe('frames of a stream', () => {
  it.each(Object.entries(KEPT))('leave as they came: %s', async (_name, stream) => {
    const bytes = Buffer.from(stream + DONE);
    expect(await relayPieces([bytes])).toBe(bytes.toString());
    const places = [1, 7, 97, 98, Math.floor(bytes.length / 2), bytes.length - 3].filter(
      (place) => place > 0 && place < bytes.length,
    );
    expect(
      await relayPieces(
        cutAt(
          bytes,
          [...new Set(places)].sort((left, right) => left - right),
        ),
      ),
    ).toBe(bytes.toString());
  });

  it.each(Object.entries(SPARED))('are spared to a client that did not ask: %s', async (_name, spared) => {
    const text = frame(chunk([delta({ content: 'x' })]));
    expect(await relayPieces([Buffer.from(spared + text + LAST + spared + DONE)])).toBe(text + LAST + DONE);
  });
});

function call(index: number, name: string, args: string): object {
  return { index, id: `call_${index}`, type: 'function', function: { name, arguments: args } };
}
