import type { UsageRecorded } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import { RouterFixture, type StubGateway } from './support/router-fixture.js';

let fixture: RouterFixture;
let gateway: StubGateway;
let model: string;

beforeAll(async () => {
  fixture = await RouterFixture.start();
  gateway = await fixture.addRegion('mv');
  model = fixture.addInstance(7, ['mv']);
});
afterAll(() => fixture.close());

/** Sixteen bytes, so four tokens where they are counted. */
const TEXT = 'abcdefghijklmnop';
const COUNTED_OUTPUT = 4;

/** @param usage as it stands in the pod's answer, which may be no JSON that we would write. */
async function meter(usage: string, stream: boolean): Promise<UsageRecorded> {
  const choice = stream
    ? { index: 0, delta: { content: TEXT }, finish_reason: 'stop' }
    : { index: 0, message: { content: TEXT } };
  const answer = `{"choices":[${JSON.stringify(choice)}],"usage":${usage}}`;
  gateway.answer = (response) => {
    response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' });
    response.end(stream ? `data: ${answer}\n\ndata: [DONE]\n\n` : answer);
  };
  const { status, headers } = await fixture.chat(model, { stream, messages: [{ role: 'user', content: 'Hello there' }] });
  expect(status).toBe(200);
  return waitFor(() => fixture.plane.usage.find((one) => one.request_id === headers['x-ecolink-request-id']), {
    ...{ timeoutMs: 20_000, what: 'the usage record' },
  });
}

/** No count of tokens: below 0, in part, beyond all bounds, or no number. */
const NO_COUNTS = [
  ...['-1', '-100000000', '1.5', '0.1', '1e-3', '-0.5', '100000001', '1e15', '9007199254740993', '1e400', '-1e400'],
  ...['"5"', '"1e3"', '" 5 "', '""', '"many"', 'true', 'false', 'null', '[5]', '{"value":5}', '99999999999999999999999999'],
];

describe.each([false, true])('a pod’s usage (stream: %s)', (stream) => {
  it('that is no count is treated as not reported: counted from what passed, marked as estimated, and never negative', async () => {
    const honest = await meter('{}', stream);
    expect(honest).toMatchObject({ estimated: true, units: { output_tokens: COUNTED_OUTPUT } });
    const counted = honest.units.input_tokens;
    expect(counted).toBeGreaterThan(0);
    for (const value of NO_COUNTS) {
      const both = await meter(`{"prompt_tokens":${value},"completion_tokens":${value}}`, stream);
      const expected = { requests: 1, input_tokens: counted, output_tokens: COUNTED_OUTPUT };
      expect([value, both.units, both.estimated, both.billable]).toEqual([value, expected, true, true]);
      const input = await meter(`{"prompt_tokens":${value},"completion_tokens":9}`, stream);
      expect([value, input.units, input.estimated]).toEqual([value, { ...expected, output_tokens: 9 }, true]);
      const output = await meter(`{"prompt_tokens":3,"completion_tokens":${value}}`, stream);
      expect([value, output.units, output.estimated]).toEqual([value, { ...expected, input_tokens: 3 }, true]);
      const cached = await meter(
        `{"prompt_tokens":3,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":${value}}}`,
        stream,
      );
      expect([value, cached.units, cached.estimated]).toEqual([value, { ...expected, input_tokens: 3, output_tokens: 2 }, false]);
    }
  }, 120_000);

  it.each([
    ['{"prompt_tokens":0,"completion_tokens":0}', { input_tokens: 0, output_tokens: 0 }],
    ['{"prompt_tokens":1e3,"completion_tokens":2.0}', { input_tokens: 1_000, output_tokens: 2 }],
    ['{"prompt_tokens":100000000,"completion_tokens":1}', { input_tokens: 100_000_000, output_tokens: 1 }],
  ])('that is a count is believed: %s', async (usage, units) => {
    expect(await meter(usage, stream)).toMatchObject({ units, estimated: false });
  });

  it('with more cached tokens than it had counts none as cached, and says so', async () => {
    const usage = '{"prompt_tokens":3,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":4}}';
    expect(await meter(usage, stream)).toMatchObject({
      units: { input_tokens: 3, cached_input_tokens: 0, output_tokens: 2 },
      anomalies: ['cached_above_input'],
    });
  });
});
