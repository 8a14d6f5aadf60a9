import type { ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { waitFor } from '@ecolink/testing';
import { type GatewayAnswer, RouterFixture, type StubGateway } from './support/router-fixture.js';

const OUTPUT_NANO_USD = 10;
/** Of some 3,000 tokens. */
const BALANCE_NANO_USD = 30_000;

let fixture: RouterFixture;
let gateway: StubGateway;
let model: string;

beforeAll(async () => {
  fixture = await RouterFixture.start();
  gateway = await fixture.addRegion('mv');
  model = fixture.addInstance(1, ['mv'], { account_id: 'acc_poor' });
  const prices = { output_nano_usd_per_1m_tokens: String(OUTPUT_NANO_USD * 1_000_000) };
  fixture.plane.put('prices', { target: 'instance:1', prices, effective_from: '2026-01-01T00:00:00.000Z' });
});

afterAll(() => fixture.close());

const hundredTokens = `data: {"choices":[{"index":0,"delta":{"content":"${'x'.repeat(100)}"}}]}\n\n`;
const END = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

describe('streams without a limit', () => {
  it('grow with their output: one that the balance does not cover ends with an error frame, the oldest goes on', async () => {
    const key = fixture.plane.addCaller('acc_poor');
    const state = { account_id: 'acc_poor', status: 'active' as const, held_nano_usd: '0', posted_positions: {} };
    const plan = { name: 'test', requests_per_minute: 1_000, tokens_per_minute: null, concurrent_requests: null };
    fixture.plane.put('accounts', { ...state, plan, balance_nano_usd: String(BALANCE_NANO_USD) });
    const pods: ServerResponse[] = [];
    const takeStream: GatewayAnswer = (response) => {
      pods.push(response);
      response.on('error', () => undefined);
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(hundredTokens);
    };
    gateway.answer = takeStream;
    const body = JSON.stringify({ model, stream: true, messages: [] });
    const oldest = await fixture.begin('/v1/chat/completions', { key, body });
    const younger = await fixture.begin('/v1/chat/completions', { key, body });
    const third = await fixture.call('/v1/chat/completions', { key, body });
    expect([oldest.statusCode, younger.statusCode, third.status]).toEqual([200, 200, 402]);

    for (let count = 0; count < 40; count += 1) for (const pod of pods) pod.write(hundredTokens);
    const youngerText = (await buffer(younger)).toString();
    expect(JSON.parse(youngerText.trimEnd().split('\n\n').at(-1)?.slice('data: '.length) ?? '').error.code).toBe(
      'insufficient_balance',
    );
    expect(youngerText).not.toContain('[DONE]');
    const usage = await waitFor(() => fixture.plane.usage[0], { timeoutMs: 45_000, what: 'usage to be published' });
    expect(usage).toMatchObject({ outcome: 'upstream_cut', billable: true, request_id: younger.headers['x-ecolink-request-id'] });
    expect((usage.units.output_tokens ?? 0) * OUTPUT_NANO_USD).toBeLessThan(BALANCE_NANO_USD);

    pods[0]?.end(END);
    const oldestText = (await buffer(oldest)).toString();
    expect(oldestText.split(hundredTokens)).toHaveLength(42);
    expect(oldestText).toContain('[DONE]');
  });
});
