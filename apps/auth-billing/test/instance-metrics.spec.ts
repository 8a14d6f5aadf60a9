import { type BusEvent, type InstanceMetrics, newId, type RequestRefused, TOPIC, type UsageRecorded } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import { TestService } from './service.js';
import { usageEvent } from './usage-event.js';

const NOW = new Date('2026-05-05T12:00:00.000Z');
let service: TestService;

beforeAll(async () => {
  service = await TestService.start(() => NOW);
}, 180_000);
afterAll(() => service.close());

function refusal(accountId: string, overrides: Partial<RequestRefused>): BusEvent {
  const data: RequestRefused = {
    ...{
      account_id: accountId,
      key_id: 'key_test',
      code: 'no_healthy_pod',
      source: 'router/test',
      status: 503,
      duration_ms: 0.4,
    },
    ...{ started_at: '2026-05-05T11:31:00.000Z', counted: null, request_id: newId('req'), source_tag: null, attempts: [] },
    ...{ model: 'my-llama:142', endpoint: '/v1/chat/completions' },
    ...overrides,
  };
  return { id: newId('evt'), source: data.source, topic: TOPIC.requestRefused, key: accountId, occurredAt: NOW, data };
}

function call(accountId: string, at: string, overrides: Partial<UsageRecorded> = {}): BusEvent {
  const startedAt = `2026-05-05T${at}.000Z`;
  return usageEvent(accountId, { started_at: startedAt, ended_at: startedAt, ...overrides });
}

const read = (accountId: string, query: string) =>
  service.internal<InstanceMetrics>(
    'GET',
    `/instance-metrics?account_id=${accountId}&instance_id=142&model=my-llama:142&${query}`,
  );

describe("an instance's metrics", () => {
  it('sum its calls in every step, also in steps without one, and nothing of other instances, accounts and times', async () => {
    const accountId = await service.account('1000000000');
    const stranger = await service.account('1000000000');
    await service.setPrice('instance:142', { nano_usd_per_request: '7' });
    await service.bus.publish([
      call(accountId, '10:59:59', { ttft_ms: 900 }),
      call(accountId, '11:00:00', {
        ttft_ms: 10,
        units: { requests: 1, input_tokens: 5, cached_input_tokens: 2, output_tokens: 3 },
      }),
      call(accountId, '11:10:00', { ttft_ms: 30, units: { requests: 1, input_tokens: 1, output_tokens: 1 } }),
      call(accountId, '11:40:00', {
        ttft_ms: null,
        outcome: 'upstream_error',
        status: 502,
        billable: false,
        units: { requests: 1 },
      }),
      call(accountId, '11:20:00', { instance_id: 143, model: 'my-llama:143' }),
      call(stranger, '11:20:00'),
      refusal(accountId, {}),
      refusal(accountId, { model: 'my-llama:143' }),
    ]);
    const window = 'from=2026-05-05T11:00:00Z&to=2026-05-05T12:00:00Z&buckets=4';
    const metrics = await waitFor(
      async () => {
        const { status, body } = await read(accountId, window);
        expect(status).toBe(200);
        return body.total.calls === 3 && body.total.refused === 1 ? body : undefined;
      },
      { timeoutMs: 90_000, what: 'all calls to be logged' },
    );
    expect(metrics).toMatchObject({ from: '2026-05-05T11:00:00.000Z', to: '2026-05-05T12:00:00.000Z', step_seconds: 900 });
    expect(metrics.data.map(({ at, calls, errors, refused }) => [at.slice(11, 16), calls, errors, refused])).toEqual([
      ['11:00', 2, 0, 0],
      ['11:15', 0, 0, 0],
      ['11:30', 1, 1, 1],
      ['11:45', 0, 0, 0],
    ]);
    expect(metrics.data[0]).toMatchObject({ input_tokens: 6, cached_input_tokens: 2, output_tokens: 4, cost_nano_usd: '14' });
    expect(metrics.data[0]).toMatchObject({ ttft_ms_p50: 20, ttft_ms_p95: 29, calls_per_second: 0.002 });
    expect(metrics.data[1]).toMatchObject({ ttft_ms_p50: null, cost_nano_usd: '0', calls_per_second: 0 });
    expect(metrics.total).toMatchObject({ calls: 3, errors: 1, cost_nano_usd: '14', ttft_ms_p50: 20, calls_per_second: 0.001 });
  });

  it.each(['from=2026-05-05T11:00:00Z&to=2026-05-05T10:00:00Z', 'buckets=201', 'colour=red', 'to=2025-01-01'])(
    'are refused for %s',
    async (query) => {
      expect((await read('acc_x', query)).status).toBe(400);
    },
  );

  it('begin no earlier than the log does', async () => {
    const { body } = await read('acc_x', 'from=2020-01-01&buckets=1');
    expect(body.from).toBe('2026-04-05T12:00:00.000Z');
  });
});
