import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { planQuotas, HEADER, type InstanceMetrics, type PricesDto, type Principal } from '@ecolink/contracts';

/** Auth-billing as this service sees it: keys `eco_<account>`, balances and prices in memory. */
export interface AuthBillingStub {
  readonly url: string;
  readonly balances: Map<string, bigint>;
  readonly prices: Map<string, { version: number; prices: PricesDto }>;
  readonly audits: unknown[];
  /** Rate of a GPU and hour by type; free where there is none. */
  readonly rates: Map<string, bigint>;
  /** Holds that stand, by `<instance>/<run>`. */
  readonly holds: Map<string, Record<string, unknown>>;
  /** Queries for metrics, in order. */
  readonly metricsAsked: Record<string, string>[];
  close(): Promise<void>;
}

type Answer = readonly [status: number, body: unknown];

export async function startAuthBillingStub(secret: string): Promise<AuthBillingStub> {
  const state = {
    balances: new Map<string, bigint>(),
    prices: new Map<string, { version: number; prices: PricesDto }>(),
    audits: [] as unknown[],
    rates: new Map([['h100-80gb', 3_200_000_000n]]),
    holds: new Map<string, Record<string, unknown>>(),
    metricsAsked: [] as Record<string, string>[],
  };
  const server = createServer((request, response) => {
    void answer(request, secret, state).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(body === undefined ? '' : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { ...state, url: `http://127.0.0.1:${port}`, close: () => closed(server) };
}

async function answer(request: IncomingMessage, secret: string, state: Omit<AuthBillingStub, 'url' | 'close'>): Promise<Answer> {
  if (request.headers[HEADER.internalSecret] !== secret) return [404, {}];
  const body = await bodyOf(request);
  const path = (request.url ?? '').split('?')[0] ?? '';
  if (path === '/internal/authorize') return authorize(typeof body['authorization'] === 'string' ? body['authorization'] : '');
  if (path.startsWith('/internal/holds/'))
    return holdAnswer(request.method ?? '', path.slice('/internal/holds/'.length), body, state);
  if (path === '/internal/audit-log') {
    state.audits.push(body);
    return [200, { id: 'aud_1' }];
  }
  if (path === '/internal/instance-metrics') {
    state.metricsAsked.push(Object.fromEntries(new URL(request.url ?? '', 'http://stub').searchParams));
    return [200, NO_METRICS];
  }
  if (path === '/internal/projections/prices') return [200, { items: priceItems(state.prices), cursor: '1', next: null }];
  if (path.startsWith('/internal/prices/') && request.method === 'PUT') {
    const target = decodeURIComponent(path.slice('/internal/prices/'.length));
    state.prices.set(target, { version: (state.prices.get(target)?.version ?? 0) + 1, prices: body['prices'] as PricesDto });
    return [200, { prices: body['prices'] }];
  }
  return [404, {}];
}

const NO_METRICS: InstanceMetrics = {
  ...{ object: 'list', from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z', step_seconds: 1_800, data: [] },
  total: {
    ...{ calls: 0, calls_per_second: 0, errors: 0, refused: 0, input_tokens: 0, cached_input_tokens: 0, output_tokens: 0 },
    ...{ cost_nano_usd: '0', ttft_ms_p50: null, ttft_ms_p95: null, duration_ms_p50: null },
  },
};

const HOLD_HOURS = 24n;

function holdAnswer(
  method: string,
  key: string,
  body: Record<string, unknown>,
  { rates, balances, holds }: Pick<AuthBillingStub, 'rates' | 'balances' | 'holds'>,
): Answer {
  if (method === 'DELETE') return holds.delete(key) ? [204, undefined] : [404, {}];
  const rate = rates.get(String(body['gpu_type'])) ?? 0n;
  const hold = rate * BigInt(Number(body['gpu_count'])) * BigInt(Number(body['replicas'])) * HOLD_HOURS;
  const affordable = hold === 0n || (balances.get(String(body['account_id'])) ?? 0n) >= hold;
  const amounts = { hourly_rate_nano_usd: rate.toString(), hold_nano_usd: hold.toString() };
  if (key === 'quote') return [200, { ...amounts, affordable }];
  if (!affordable) {
    return [402, { error: { message: 'short', type: 'billing_error', code: 'insufficient_balance', param: null } }];
  }
  holds.set(key, body);
  const [instanceId, run] = key.split('/').map(Number);
  return [200, { instance_id: instanceId, run, ...amounts, cycle_ends_at: '2030-01-01T00:00:00.000Z' }];
}

function authorize(authorization: string): Answer {
  const account = /^Bearer eco_(.+)$/.exec(authorization)?.[1];
  if (account === undefined) {
    return [401, { error: { message: 'no session', type: 'authentication_error', code: 'session_required', param: null } }];
  }
  const principal: Principal = {
    kind: 'key',
    account_id: account,
    role: 'owner',
    user_id: null,
    key_id: 'key_1',
    scopes: ['management'],
    quotas: planQuotas.parse({}),
  };
  return [200, { principal }];
}

function priceItems(prices: AuthBillingStub['prices']): unknown[] {
  return [...prices].map(([target, price]) => ({ target, ...price, effective_from: '2026-11-23T00:00:00.000Z' }));
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
