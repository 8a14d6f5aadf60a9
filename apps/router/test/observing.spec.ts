import { readFileSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@ecolink/testing';
import { Histogram, Registry } from 'prom-client';
import { BoundedLabels } from '../src/observe/bounded-labels.js';
import { TimesTally } from '../src/observe/times-tally.js';
import { answerNeverSent, answerOk, RouterFixture, type StubGateway } from './support/router-fixture.js';

const LOG_FILE = path.join(mkdtempSync(path.join(tmpdir(), 'ecolink-log-')), 'router.log');
const SECRET_PROMPT = 'nobody-may-read-this';
const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

let fixture: RouterFixture;
let mv: StubGateway;
let ga: StubGateway;

beforeAll(async () => {
  process.env['LOG_LEVEL'] = 'info';
  process.env['LOG_FILE'] = LOG_FILE;
  fixture = await RouterFixture.start();
  [mv, ga] = [await fixture.addRegion('mv'), await fixture.addRegion('ga')];
});

afterAll(() => fixture.close());

async function metrics(): Promise<string> {
  return (await fetch(`${fixture.router.adminUrl}/metrics`)).text();
}

interface LogLine {
  readonly event: string;
  readonly request_id?: string;
}

function logLines(): LogLine[] {
  return readFileSync(LOG_FILE, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LogLine);
}

describe('metrics', () => {
  it('tell calls, tokens and ejections by instance and region', async () => {
    const model = fixture.addInstance(41, ['mv', 'ga']);
    mv.answer = answerNeverSent;
    for (let call = 0; call < 6; call += 1) await fixture.chat(model);
    mv.answer = answerOk;
    const text = await metrics();
    expect(text).toContain('ecolink_router_target_calls_total{target="instance:41",outcome="completed"} 6');
    expect(text).toContain('ecolink_router_target_tokens_total{target="instance:41",gen_ai_token_type="output"} 6');
    expect(text).toContain('ecolink_router_region_ejections_total{region="mv"} 1');
  });

  it('tell the times that models are judged by, and the router’s own', async () => {
    const model = fixture.addInstance(45, ['ga']);
    let finish: () => void = () => undefined;
    ga.answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"delta":{"content":"one "}}]}\n\n');
      const rest = '"delta":{"content":"two"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}';
      finish = () => response.end(`data: {"choices":[{${rest}\n\ndata: [DONE]\n\n`);
    };
    const answer = await fixture.begin('/v1/chat/completions', { body: JSON.stringify({ model, stream: true, messages: [] }) });
    await once(answer, 'data');
    // The time between its tokens is counted from when the first one has come.
    await delay(20);
    finish();
    await buffer(answer);
    ga.answer = answerOk;
    const target = 'target="instance:45"';
    const first = `gen_ai_server_time_to_first_token_seconds_count{${target}} 1\n`;
    await waitFor(async () => (await metrics()).includes(first), { timeoutMs: 45_000, what: 'the times of the call' });
    const text = await metrics();
    expect(text).toContain(`gen_ai_server_time_per_output_token_seconds_count{${target}} 1\n`);
    const perToken = new RegExp(`^gen_ai_server_time_per_output_token_seconds_sum{${target}} (.+)$`, 'm').exec(text)?.[1];
    expect(Number(perToken)).toBeGreaterThan(0.01);
    expect(text).toContain(`gen_ai_server_request_duration_seconds_count{endpoint="/v1/chat/completions",${target}} 1\n`);
    expect(text).toMatch(/^ecolink_router_overhead_seconds_count [1-9]/m);
    expect(text).toMatch(/^ecolink_router_state_age_seconds\{projection="keys"\} /m);
  });

  it('are those that Prometheus reads: a histogram is what its own client would say', async () => {
    const [own, reference] = [new Registry(), new Registry()];
    const options = { name: 'times', help: 'h', buckets: [0.1, 0.5, 1] };
    const tally = new TimesTally({ ...options, registers: [own] });
    const histogram = new Histogram({ ...options, labelNames: ['target'], registers: [reference] });
    for (const [target, value] of [
      ['a', 0.05],
      ['b', 0.1],
      ['a', 0.7],
      ['a', 3],
      ['b', 1],
      ['a', 0],
    ] as const) {
      tally.of(target, () => ({ target })).observe(value);
      histogram.observe({ target }, value);
    }
    const lines = (text: string) =>
      text
        .replaceAll(/\{le="([^"]+)",target="(.)"\}/g, '{target="$2",le="$1"}')
        .trim()
        .split('\n')
        .sort();
    expect(lines(await own.metrics())).toEqual(lines(await reference.metrics()));
  });

  it('never hold what a client wrote: paths, models and keys it makes up', async () => {
    for (const made of ['/v1/made-up', '/inference-instances/made-up/proxy/made-up', '/made-up']) await fixture.call(made);
    await fixture.chat('made-up:99');
    await fixture.call('/v1/models', { key: 'eco_made-up' });
    expect(await metrics()).not.toContain('made-up');
  });

  it('tell a bounded number of instances apart', () => {
    const labels = new BoundedLabels(2);
    expect(['a', 'b', 'c', 'a', 'd'].map((value) => labels.of(value))).toEqual(['a', 'b', 'other', 'a', 'other']);
  });
});

describe('a call', () => {
  it('passes its trace on to the pod as it came', async () => {
    const model = fixture.addInstance(42, ['ga']);
    const custom = fixture.addInstance(43, ['ga'], { openai_compatible: false, custom_api_path: '' });
    ga.seen.length = 0;
    const headers = { traceparent: TRACE, tracestate: 'a=b' };
    await fixture.call('/v1/chat/completions', { headers, body: JSON.stringify({ model, messages: [] }) });
    await fixture.call(`/inference-instances/${custom.split(':')[1] ?? ''}/proxy/x`, { headers });
    expect(ga.seen.map((seen) => [seen.headers['traceparent'], seen.headers['tracestate']])).toEqual([
      [TRACE, 'a=b'],
      [TRACE, 'a=b'],
    ]);
  });

  it('leaves one line in the log, with its ids and without anything it said', async () => {
    const model = fixture.addInstance(44, ['ga']);
    const { headers } = await fixture.chat(model, { messages: [{ role: 'user', content: SECRET_PROMPT }] });
    const requestId = String(headers['x-ecolink-request-id']);
    const own = () => logLines().filter((line) => line.request_id === requestId);
    await waitFor(() => own().length > 0, { timeoutMs: 45_000, what: 'the line' });
    expect(own()).toMatchObject([
      { event: 'call.ended', instance_id: 44, account_id: 'acc_owner', region: 'ga', outcome: 'completed', status: 200 },
    ]);
    const everything = readFileSync(LOG_FILE, 'utf8');
    for (const secret of [SECRET_PROMPT, fixture.key]) expect(everything).not.toContain(secret);
  });

  it('that takes a region out leaves a line that says which, and for how long', () => {
    expect(logLines().filter(({ event }) => event === 'region.ejected')).toMatchObject([
      { instance_id: 41, region: 'mv', out_ms: 5_000 },
    ]);
  });
});
