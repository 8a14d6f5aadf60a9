import { gzipSync } from 'node:zlib';
import { waitFor } from '@ecolink/testing';
import { type GatewayAnswer, RouterFixture, type StubGateway } from './support/router-fixture.js';

let fixture: RouterFixture;
let gateway: StubGateway;

beforeAll(async () => {
  fixture = await RouterFixture.start();
  gateway = await fixture.addRegion('mv');
});

afterAll(() => fixture.close());

const ANSWER = gzipSync('{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}');

function encoded(status: number, contentType: string): GatewayAnswer {
  return (response) => response.writeHead(status, { 'content-type': contentType, 'content-encoding': 'gzip' }).end(ANSWER);
}

describe('an answer that its pod encoded though it was asked for identity', () => {
  it.each(['application/json', 'text/event-stream'])('is refused on /v1 and not billed: %s', async (contentType) => {
    const seenBefore = fixture.plane.usage.length;
    gateway.answer = encoded(200, contentType);
    const { status, headers, text } = await fixture.chat(fixture.addInstance(1, ['mv']), { stream: true });
    expect([status, headers['x-should-retry'], JSON.parse(text).error.code]).toEqual([502, 'false', 'upstream_error']);
    const usage = await waitFor(() => fixture.plane.usage[seenBefore], { timeoutMs: 45_000, what: 'usage' });
    expect(usage).toMatchObject({ outcome: 'upstream_error', billable: false });
  });

  it('passes as it is from a custom instance, and as an error', async () => {
    fixture.addInstance(2, ['mv'], { openai_compatible: false, custom_api_path: 'generate' });
    gateway.answer = encoded(200, 'application/json');
    const custom = await fixture.call('/inference-instances/2/proxy/generate');
    expect([custom.status, custom.headers['content-encoding']]).toEqual([200, 'gzip']);
    gateway.answer = encoded(400, 'application/json');
    expect((await fixture.chat(fixture.addInstance(1, ['mv']))).status).toBe(400);
  });
});
