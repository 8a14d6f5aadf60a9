import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HEADER, type PricesDto, type Principal } from '@ecolink/contracts';

/** Auth-billing as this service sees it: keys `eco_<account>`, balances and prices in memory. */
export interface AuthBillingStub {
  readonly url: string;
  readonly balances: Map<string, bigint>;
  readonly prices: Map<string, { version: number; prices: PricesDto }>;
  readonly audits: unknown[];
  close(): Promise<void>;
}

type Answer = readonly [status: number, body: unknown];

export async function startAuthBillingStub(secret: string): Promise<AuthBillingStub> {
  const state = {
    balances: new Map<string, bigint>(),
    prices: new Map<string, { version: number; prices: PricesDto }>(),
    audits: [] as unknown[],
  };
  const server = createServer((request, response) => {
    void answer(request, secret, state).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
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
  if (path === '/internal/afford') {
    const balance = state.balances.get(String(body['account_id'])) ?? 0n;
    return [200, { affordable: balance >= BigInt(String(body['amount_nano_usd'])), balance_nano_usd: balance.toString() }];
  }
  if (path === '/internal/audit-log') {
    state.audits.push(body);
    return [200, { id: 'aud_1' }];
  }
  if (path === '/internal/projections/prices') return [200, { items: priceItems(state.prices), cursor: '1', next: null }];
  if (path.startsWith('/internal/prices/') && request.method === 'PUT') {
    const target = decodeURIComponent(path.slice('/internal/prices/'.length));
    state.prices.set(target, { version: (state.prices.get(target)?.version ?? 0) + 1, prices: body['prices'] as PricesDto });
    return [200, { prices: body['prices'] }];
  }
  return [404, {}];
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
